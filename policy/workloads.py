"""Workloads to the Pods they would create, on the Nodes there are. Pure: same input, same Pods.

    Deployment  web        ReplicaSet web-HASH, Pods web-HASH-xxxxx
    ReplicaSet  web        web-xxxxx
    StatefulSet web        web-0, web-1, ...
    DaemonSet   web        web-xxxxx, one a node
    Job         web        web-xxxxx, as many as run at once

Pods that are given and already belong to a workload count as its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.facts import NodeFacts, PodFacts
from model.facts_json import pod_from_json
from model.naming import natural_key
from model.pools import ObjectRecord
from policy.generated import pod_name, template_hash, uid
from policy.scheduling import Scheduler


@dataclass(frozen=True, slots=True)
class PlannedPod:
    """A Pod and, where no Node would take it, the reason; its `node_name` is then empty."""

    facts: PodFacts
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Owner:
    """What creates Pods: the workload, and the owner that its Pods name."""

    record: ObjectRecord
    kind: str
    name: str
    labels: Mapping[str, str]

    @property
    def spec(self) -> Any:
        return self.record.manifest["spec"]

    @property
    def template_spec(self) -> Mapping[str, Any]:
        return self.spec["template"].get("spec") or {}


def expand(objects: Sequence[ObjectRecord], nodes: Sequence[NodeFacts]) -> list[PlannedPod]:
    """All Pods, those given first, then those of each workload in the order given.

    A Pod goes to its `spec.nodeName`, else to the node passing its `nodeSelector` that has fewest
    Pods so far, ties in natural order of name. `objects` must be valid; other kinds are ignored.
    """
    scheduler = Scheduler(nodes)
    pods = [
        _given(record, scheduler) for record in objects if record.kind == "Pod" and record.facts
    ]
    given = {(record.kind, record.namespace, record.name) for record in objects}
    for record in objects:
        if record.kind in _EXPANSIONS and not _made_by_another(record, given):
            owner = _owner(record)
            own = [pod.facts for pod in pods if _owns(owner, pod.facts)]
            pods.extend(_EXPANSIONS[record.kind](owner, own, scheduler))
    return pods


def _given(record: ObjectRecord, scheduler: Scheduler) -> PlannedPod:
    facts = pod_from_json(record.facts)
    selector = (record.manifest.get("spec") or {}).get("nodeSelector") or {}  # type: ignore[attr-defined]
    if facts.ended:
        return PlannedPod(facts)
    node, reason = scheduler.place(facts.node_name, selector)
    return PlannedPod(facts.replace(node_name=node), reason)


def _made_by_another(record: ObjectRecord, given: set[tuple[str, str, str]]) -> bool:
    """Whether its controller is given too, and so speaks for it."""
    metadata: Any = record.manifest["metadata"]
    return any(
        owner.get("controller") and (owner["kind"], record.namespace, owner["name"]) in given
        for owner in metadata.get("ownerReferences") or ()
    )


def _owner(record: ObjectRecord) -> _Owner:
    if record.kind != "Deployment":
        return _Owner(record, record.kind, record.name, {})
    digest = template_hash(record.manifest["spec"]["template"])  # type: ignore[index]
    labels = {"pod-template-hash": digest}
    return _Owner(record, "ReplicaSet", f"{record.name}-{digest}", labels)


def _owns(owner: _Owner, pod: PodFacts) -> bool:
    """Whether a given, living Pod is one of those the workload wants."""
    if pod.ended or pod.namespace != owner.record.namespace or pod.owner_kind != owner.kind:
        return False
    if owner.record.kind != "Deployment":
        return pod.owner_name == owner.name
    own_hash = pod.labels.get("pod-template-hash", "")
    return pod.owner_name == f"{owner.record.name}-{own_hash}"


def _replicas(owner: _Owner, own: Sequence[PodFacts], scheduler: Scheduler) -> Iterator[PlannedPod]:
    count = owner.spec.get("replicas")
    yield from _numbered(owner, own, 1 if count is None else count, scheduler)


def _numbered(
    owner: _Owner, own: Sequence[PodFacts], wanted: int, scheduler: Scheduler
) -> Iterator[PlannedPod]:
    """As many Pods with generated names as are still missing."""
    names = {pod.name for pod in own}
    for index in range(wanted - len(own)):
        name = pod_name(owner.record.namespace, owner.name, index, names)
        names.add(name)
        yield _created(owner, name, scheduler)


def _job(owner: _Owner, own: Sequence[PodFacts], scheduler: Scheduler) -> Iterator[PlannedPod]:
    completions, parallelism = owner.spec.get("completions"), owner.spec.get("parallelism")
    at_once = 1 if parallelism is None else parallelism
    wanted = at_once if completions is None else min(completions, at_once)
    labels = {"batch.kubernetes.io/job-name": owner.name, "job-name": owner.name}
    yield from _numbered(_labelled(owner, labels), own, wanted, scheduler)


def _ordinals(owner: _Owner, own: Sequence[PodFacts], scheduler: Scheduler) -> Iterator[PlannedPod]:
    count = owner.spec.get("replicas")
    start = (owner.spec.get("ordinals") or {}).get("start") or 0
    names = {pod.name for pod in own}
    for ordinal in range(start, start + (1 if count is None else count)):
        name = f"{owner.name}-{ordinal}"
        labels = {
            "apps.kubernetes.io/pod-index": str(ordinal),
            "statefulset.kubernetes.io/pod-name": name,
        }
        if name not in names:
            yield _created(_labelled(owner, labels), name, scheduler)


def _daemons(owner: _Owner, own: Sequence[PodFacts], scheduler: Scheduler) -> Iterator[PlannedPod]:
    names = {pod.name for pod in own}
    served = {pod.node_name for pod in own}
    fixed = owner.template_spec.get("nodeName")
    selector = owner.template_spec.get("nodeSelector") or {}
    for node in sorted(scheduler.fitting(selector), key=natural_key):
        if node in served or fixed not in (None, "", node):
            continue
        name = pod_name(owner.record.namespace, owner.name, node, names)
        names.add(name)
        yield _created(owner, name, scheduler, node)


_EXPANSIONS = {
    "Deployment": _replicas,
    "ReplicaSet": _replicas,
    "StatefulSet": _ordinals,
    "DaemonSet": _daemons,
    "Job": _job,
}


def _labelled(owner: _Owner, labels: Mapping[str, str]) -> _Owner:
    return _Owner(owner.record, owner.kind, owner.name, {**owner.labels, **labels})


def _created(owner: _Owner, name: str, scheduler: Scheduler, node: str = "") -> PlannedPod:
    """One Pod made from the template, on `node` or wherever there is room."""
    metadata = owner.spec["template"].get("metadata") or {}
    spec = owner.template_spec
    selector = spec.get("nodeSelector") or {}
    node, reason = scheduler.place(node or spec.get("nodeName") or "", selector)
    namespace = owner.record.namespace
    facts = PodFacts(
        namespace,
        name,
        {**(metadata.get("labels") or {}), **owner.labels},
        metadata.get("annotations") or {},
        uid=uid("Pod", namespace, name),
        owner_kind=owner.kind,
        owner_name=owner.name,
        node_name=node,
    )
    return PlannedPod(facts, reason)
