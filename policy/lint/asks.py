"""Who asks for addresses: workloads and Pods that belong to none, and how many Pods each has.

Deployment    replicas, and maxSurge more during a rolling update
StatefulSet   replicas               DaemonSet   one a Node
ReplicaSet    replicas               Job         as many as run at once
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from model.facts import NodeFacts, PodFacts
from model.pools import ObjectRecord
from policy.lint.cluster import WORKLOADS, Cluster, on_host_network, pod_spec_of, template_of
from policy.lint.placement import Placement
from policy.workloads import expand

_MOST_ORDINALS = 1000  # Pods of one StatefulSet that are looked at one by one


@dataclass(frozen=True, slots=True)
class Ask:
    """Pods that are alike: `count` of them, and `surge` more for a while.

    `pod` is one of them, without a node; `nodes` are those where they may run. `a_node` instead of
    `count`: there is one on each node.
    """

    record: ObjectRecord
    pod: PodFacts
    count: int
    surge: int
    nodes: int
    a_node: bool = False

    @property
    def title(self) -> str:
        """`Deployment shop/web`."""
        return f"{self.record.kind} {self.record.namespace}/{self.record.name}"


def asks(cluster: Cluster, placement: Placement, *, by_name: bool) -> Iterator[Ask]:
    """Who asks. `by_name`: pools look at names of Pods, so those of a StatefulSet are not alike.

    Nobody asks twice: what a known workload makes is not looked at beside it. Whoever has the
    addresses of its Node does not ask.
    """
    for record in cluster.of(*WORKLOADS):
        if not _is_made(cluster, record) and not on_host_network(template_of(record)):
            yield from _of_workload(record, placement.where(record), by_name=by_name)
    for record, pod in cluster.live_pods:
        if not is_made(cluster, record, pod):
            nodes = placement.where(record)
            yield Ask(record, pod.replace(node_name=""), 1, 0, nodes)


def is_made(cluster: Cluster, record: ObjectRecord, pod: PodFacts) -> bool:
    """Whether a known workload makes the Pod, and so asks for it."""
    if _is_made(cluster, record):
        return True
    ending = "-" + pod.labels.get("pod-template-hash", "")
    if pod.owner_kind != "ReplicaSet" or not pod.owner_name.endswith(ending) or ending == "-":
        return False
    deployment = ("Deployment", pod.namespace, pod.owner_name.removesuffix(ending))
    return deployment in cluster.records


def _is_made(cluster: Cluster, record: ObjectRecord) -> bool:
    metadata: Any = record.manifest["metadata"]
    return any(
        owner.get("controller")
        and (owner["kind"], record.namespace, owner["name"]) in cluster.records
        for owner in metadata.get("ownerReferences") or ()
    )


def _of_workload(record: ObjectRecord, nodes: int, *, by_name: bool) -> Iterator[Ask]:
    spec: Any = record.manifest["spec"]
    if record.kind == "DaemonSet":
        yield Ask(record, _pods(record, 1)[0], 0, 0, nodes, a_node=True)
        return
    count = _at_once(spec) if record.kind == "Job" else _replicas(spec)
    if record.kind in ("Job", "ReplicaSet") and not count:
        return
    surge = _surge(spec, count) if record.kind == "Deployment" else 0
    if record.kind == "StatefulSet" and by_name and count > 1:
        if count <= _MOST_ORDINALS:
            yield from (Ask(record, pod, 1, 0, nodes) for pod in _pods(record, count))
        return
    yield Ask(record, _pods(record, 1)[0], count, surge, nodes)


def _replicas(spec: Mapping[str, Any]) -> int:
    count = spec.get("replicas")
    return 1 if count is None else int(count)


def _at_once(spec: Mapping[str, Any]) -> int:
    """How many Pods a Job runs at once."""
    if spec.get("suspend") is True:
        return 0
    completions, parallelism = spec.get("completions"), spec.get("parallelism")
    at_once = 1 if parallelism is None else int(parallelism)
    return at_once if completions is None else min(int(completions), at_once)


def _surge(spec: Mapping[str, Any], count: int) -> int:
    """How many Pods a rolling update has more; percentages round up (Kubernetes: Deployments)."""
    strategy = spec.get("strategy")
    strategy = strategy if isinstance(strategy, dict) else {}
    rolling = strategy.get("rollingUpdate")
    given = rolling.get("maxSurge") if isinstance(rolling, dict) else None
    text = "25%" if given is None else str(given)
    digits = text.removesuffix("%")
    if strategy.get("type") == "Recreate" or not digits.isdecimal() or not count:
        return 0
    return -(-count * int(digits) // 100) if text.endswith("%") else int(digits)


def _pods(record: ObjectRecord, number: int) -> list[PodFacts]:
    """The first Pods that a workload makes, as they would be."""
    manifest: Any = record.manifest
    spec = {**manifest["spec"], "replicas": number, "completions": 1, "parallelism": 1}
    alone = record.replace(manifest={**manifest, "spec": spec})
    template = pod_spec_of(record)
    node = NodeFacts(template.get("nodeName") or "node", template.get("nodeSelector") or {})
    return [pod.facts.replace(node_name="") for pod in expand([alone], [node])]
