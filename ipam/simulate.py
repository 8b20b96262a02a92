"""SIMULATE: workloads to Pods on Nodes, and each Pod's interfaces to addresses."""

from __future__ import annotations

from dataclasses import dataclass

from ipam.allocate import allocate
from ipam.explain import explain
from ipam.release import release
from ipam.request import Request
from ipam.verify_index import verify_index
from model.decisions import Decision
from model.errors import DecisionError
from model.facts import NodeFacts, PodFacts
from model.facts_json import node_from_json, pod_to_json
from model.leases import Attachment, Lease
from model.pools import ObjectRecord
from policy.networks import NetworkAnnotationError, nic_names
from policy.workloads import PlannedPod, expand
from store.store import Store

WORKLOADS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
NETWORK = "simulate"  # the CNI network name of simulated attachments


@dataclass(frozen=True, slots=True)
class SimulatedPod:
    """A Pod, the leases of its interfaces in order, and why it has none, if so.

    `refusal` explains an address that was not to be had; `reason` says why the Pod did not even
    ask (no Node for it, or it has ended).
    """

    facts: PodFacts
    leases: tuple[tuple[str, tuple[Lease, ...]], ...] = ()
    refusal: Decision | None = None
    reason: str = ""

    @property
    def status(self) -> str:
        """The STATUS that kubectl would print."""
        if self.refusal:
            return "ContainerCreating"
        if self.facts.ended:
            return "Completed"
        return "Pending" if self.reason else "Running"


def simulate(
    store: Store, now_seconds: int, *, verifying_index: bool = False
) -> list[SimulatedPod]:
    """Start every Pod that the store's workloads want, on its Nodes, in the order of `expand`.

    Writes the Pods' facts and leases into the store: give it a scratch one, with `node_binding`
    off. A Pod of which one interface is refused gets a DEL for the others, as of the runtime: they
    are let go of, or kept where a StatefulSet wants the Pod. `verifying_index` has each interface's
    decision checked against the rules, and raises what `verify_index` does.
    """
    planned = plan_pods(store, now_seconds)
    return [_start(store, pod, now_seconds, verifying_index) for pod in planned]


def plan_pods(store: Store, now_seconds: int) -> list[PlannedPod]:
    """Every Pod that the store's workloads want, on its Nodes; their facts are in the store then.

    Their order is that of `expand`. Give it a scratch store.
    """
    objects = [record for kind in WORKLOADS for record in store.objects.list(kind)]
    nodes: list[NodeFacts] = [node_from_json(r.facts) for r in store.objects.list("Node")]
    planned = expand(objects, nodes)
    store.writer.write((), [_record(pod) for pod in planned], {}, now_seconds)
    return planned


def _record(pod: PlannedPod) -> ObjectRecord:
    """The Pod as the API server would have it, so that its facts can be looked up."""
    facts = pod.facts
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": facts.name,
            "namespace": facts.namespace,
            "labels": dict(facts.labels),
            "annotations": dict(facts.annotations),
        },
        "spec": {"nodeName": facts.node_name},
    }
    return ObjectRecord(
        "Pod", facts.namespace, facts.name, manifest, pod_to_json(facts), facts.uid, "simulate"
    )


def _start(store: Store, pod: PlannedPod, now_seconds: int, verifying_index: bool) -> SimulatedPod:
    facts = pod.facts
    if pod.reason or facts.ended:
        return SimulatedPod(facts, reason=pod.reason or facts.ended)
    try:
        nics = nic_names(facts.annotations)
    except NetworkAnnotationError as error:  # Multus would not start the Pod
        return SimulatedPod(facts, reason=str(error))
    leases = []
    for nic in nics:
        request = _request(facts, nic)
        if verifying_index:
            verify_index(store, request)
        try:
            leases.append((nic, tuple(allocate(store, request, now_seconds).leases)))
        except DecisionError:
            refusal = explain(store, request, now_seconds)
            for held, _ in leases:
                release(store, _request(facts, held).attachment, now_seconds)
            return SimulatedPod(facts, refusal=refusal)
    return SimulatedPod(facts, tuple(leases))


def _request(facts: PodFacts, nic: str) -> Request:
    container = f"{facts.namespace}.{facts.name}"
    return Request(
        Attachment(facts.node_name, NETWORK, container, nic),
        facts.namespace,
        facts.name,
        facts.uid,
    )
