"""Which of Spiderpool's addresses can be taken over, and what keeps the others from it.

An address is taken over when its pool and the Pod's SpiderEndpoint tell the same story:

    pool entry      10.6.0.1 -> default/web-0, UID u     )  same Pod, same UID,
    SpiderEndpoint  default/web-0, UID u, eth0: 10.6.0.1 )  and the pool owns the address

Pure: the store is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from model.addresses import address_text
from model.errors import ManifestError
from model.facts import PodFacts
from model.intervals import contains
from model.pools import PoolRecord
from policy.documents import Document
from policy.spiderpool_state import Address, HeldAddress, HeldInterface, PoolEntry
from policy.wording import shown

STATEFUL_SET = "StatefulSet"
_KUBEVIRT = ("VirtualMachineInstance", "VirtualMachine")
Problem = tuple[str, str, str]  # code, message, hint


@dataclass(slots=True)
class Known:
    """What there is to compare with.

    `pools` are those that can be taken over, `entries` what all pools say, `pods` the Pods that
    were given beside them, by (namespace, name).
    """

    pools: Mapping[str, PoolRecord]
    entries: Mapping[Address, PoolEntry]
    pods: Mapping[tuple[str, str], PodFacts]


@dataclass(slots=True)
class Matched:
    """The interfaces that can be taken over whole, and every reason against the others."""

    interfaces: list[HeldInterface] = field(default_factory=list)
    errors: list[ManifestError] = field(default_factory=list)


def match(interfaces: Sequence[HeldInterface], known: Known) -> Matched:
    """Compare what the SpiderEndpoints say with what the pools say."""
    result = Matched()
    owners: dict[Address, HeldInterface] = {}
    names: dict[tuple[str, str, str], Document] = {}
    for interface in interfaces:
        errors = list(_interface_errors(interface, known, names))
        for held in interface.addresses:
            problem = _problem(interface, held, known)
            if problem is None and owners.setdefault(held.address, interface) is not interface:
                problem = _twice(interface, held, owners[held.address])
            if problem:
                errors.append(_error(interface, held, problem))
        result.errors.extend(errors)
        if not errors:
            result.interfaces.append(interface)
    spoken_of = {held.address for interface in interfaces for held in interface.addresses}
    result.errors.extend(_orphans(known.entries.values(), spoken_of))
    return result


def _interface_errors(
    interface: HeldInterface, known: Known, names: dict[tuple[str, str, str], Document]
) -> Iterable[ManifestError]:
    document = interface.document
    key = (interface.namespace, interface.pod, interface.name)
    other = names.setdefault(key, document)
    if other is not document:
        message = f"SpiderEndpoint {shown(interface.pod_text)} is given twice"
        hint = f"keep one of them; the other is at {other.span(('metadata', 'name'))}"
        yield document.error("duplicate-object", ("metadata", "name"), message, hint)
    kind, name = interface.owner
    if kind in _KUBEVIRT:
        path = ("status", "ownerControllerType")
        message = f"the address belongs to the {kind} {shown(name)}, across its Pods"
        hint = "addresses that stay with a virtual machine are not there yet; stop it first"
        yield document.error("unsupported-owner", path, message, hint)
    pod = known.pods.get((interface.namespace, interface.pod))
    if pod is None:
        return
    current = ("status", "current")
    if pod.node_name and pod.node_name != interface.node:
        message = f"SpiderEndpoint {shown(interface.pod_text)} is on node {shown(interface.node)}"
        message += f", and its Pod on {shown(pod.node_name)}"
        hint = "one of them is out of date: export both again, at the same time"
        yield document.error("entry-disagrees", (*current, "node"), message, hint)
    if pod.uid and pod.uid != interface.uid and kind != STATEFUL_SET:
        message = f"SpiderEndpoint {shown(interface.pod_text)} is of UID {shown(interface.uid)}"
        message += f", and its Pod of {shown(pod.uid)}"
        hint = "it is what an earlier Pod of this name held: wait until Spiderpool clears it away"
        yield document.error("entry-disagrees", (*current, "uid"), message, hint)


def _twice(interface: HeldInterface, held: HeldAddress, other: HeldInterface) -> Problem:
    """For two interfaces of one Pod, which Spiderpool gives one address where they share a pool."""
    place = other.document.span((*other.path, f"ipv{held.address[0]}"))
    holders = " and by ".join(f"{shown(one.name)} of {one.pod_text}" for one in (other, interface))
    return (
        "held-twice",
        f"{shown(address_text(*held.address))} is held twice: by {holders}",
        f"give each interface a pool of its own, or restart the Pod here; the other is at {place}",
    )


def _problem(interface: HeldInterface, held: HeldAddress, known: Known) -> Problem | None:
    """What keeps one address from being taken over, the most telling reason alone."""
    address, pool = shown(address_text(*held.address)), shown(held.pool)
    record = known.pools.get(held.pool)
    if record is None:
        return (
            "pool-missing",
            f"{address} is of the pool {pool}, which is not taken over",
            "mend the errors of the pool, or export it, too: `kubectl get spiderippool -o yaml`",
        )
    if record.serving.rules.family != held.address[0] or not contains(
        record.ranges, held.address[1]
    ):
        return (
            "address-outside-pool",
            f"{address} is not among the addresses of the pool {pool}",
            "add it to `spec.ips` of the pool, and leave it out of `spec.excludeIPs`",
        )
    return _entry_problem(interface, held, known.entries.get(held.address))


def _entry_problem(
    interface: HeldInterface, held: HeldAddress, entry: PoolEntry | None
) -> Problem | None:
    address, pool, pod = shown(address_text(*held.address)), shown(held.pool), interface.pod_text
    if entry is None or entry.pool != held.pool:
        return (
            "endpoint-without-entry",
            f"the SpiderEndpoint has {address}, and the pool {pool} knows nothing of it",
            f"restart {shown(pod)} if it runs, or delete its SpiderEndpoint; then export again",
        )
    if entry.pod != pod or entry.uid != interface.uid:
        theirs, ours = shown(entry.pod), shown(pod)
        if entry.pod == pod:
            theirs, ours = f"UID {shown(entry.uid)} of {ours}", f"UID {shown(interface.uid)}"
        return (
            "entry-disagrees",
            f"{address} is held by {theirs} as the pool {pool} has it, not by {ours}",
            f"restart the Pod that runs, then export again; the pool's entry is at {entry.span}",
        )
    return None


def _orphans(entries: Iterable[PoolEntry], spoken_of: set[Address]) -> Iterable[ManifestError]:
    """Entries of pools that no SpiderEndpoint speaks of."""
    for entry in entries:
        if entry.address not in spoken_of:
            message = f"{shown(address_text(*entry.address))} is held by {shown(entry.pod)}"
            yield ManifestError(
                f"{message}, which has no SpiderEndpoint with it",
                "export SpiderEndpoints of all namespaces, too (`-A`); if the Pod is gone, "
                "Spiderpool frees the address later, and --skip-unplaced goes on without it",
                entry.span,
                "entry-without-endpoint",
                "status.allocatedIPs",
            )


def _error(interface: HeldInterface, held: HeldAddress, problem: Problem) -> ManifestError:
    code, message, hint = problem
    return interface.document.error(code, held.path, message, hint)
