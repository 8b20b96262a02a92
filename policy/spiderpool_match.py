"""Which of Spiderpool's addresses can be taken over, and what keeps the others from it.

An address is taken over when its pool and the Pod's SpiderEndpoint tell the same story:

    pool entry      10.6.0.1 -> default/web-0, UID u     )  same Pod, same UID,
    SpiderEndpoint  default/web-0, UID u, eth0: 10.6.0.1 )  and the pool owns the address

Pure: the store is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from model.addresses import address_text, prefix_bounds
from model.errors import ManifestError
from model.facts import PodFacts
from model.intervals import contains
from model.pools import PoolRecord
from model.ranges import parse_address
from policy.documents import Document
from policy.spiderpool_state import Address, HeldAddress, HeldInterface, PoolEntry
from policy.wording import shown

STATEFUL_SET = "StatefulSet"
_KUBEVIRT = ("VirtualMachineInstance", "VirtualMachine")
Problem = tuple[str, str, str]  # code, message, hint
Thing = TypeVar("Thing")


@dataclass(slots=True)
class Known:
    """What there is to compare with.

    `pools` are those that can be taken over, `entries` what all pools say, also those that cannot,
    `pods` the Pods that were given beside them, by (namespace, name).
    """

    pools: Mapping[str, PoolRecord]
    entries: Sequence[PoolEntry]
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
    entries: dict[tuple[Address, str], list[PoolEntry]] = {}
    for entry in known.entries:
        entries.setdefault((entry.address, entry.pool), []).append(entry)
    contested = _rivals(known.entries, lambda one: one.address, id)
    result.errors.extend(_contested_errors(known.entries, contested))
    again = {id(one): error for one, error in _repeated(interfaces)}
    for interface in interfaces:
        errors = list(_interface_errors(interface, known, names))
        errors.extend([again[id(interface)]] if id(interface) in again else [])
        for held in interface.addresses:
            problem = _problem(interface, held, known, entries)
            if problem is None and owners.setdefault(held.address, interface) is not interface:
                problem = _twice(interface, held, owners[held.address])
            if problem:
                errors.append(_error(interface, held, problem))
        result.errors.extend(errors)
        if not errors and not any(held.address in contested for held in interface.addresses):
            result.interfaces.append(interface)
    told: set[Hashable] = {one.address for interface in interfaces for one in interface.addresses}
    told |= contested.keys()
    orphans = [
        entry for entry in known.entries if entry.pool in known.pools and entry.address not in told
    ]
    result.errors.extend(_orphan_errors(orphans))
    return result


def _rivals(
    things: Iterable[Thing],
    key: Callable[[Thing], Hashable],
    identity: Callable[[Thing], object],
) -> dict[Hashable, tuple[Thing, Thing]]:
    """For each key that is not of one thing alone, the first two."""
    pairs: dict[Hashable, list[Thing]] = {}
    for thing in things:
        pair = pairs.setdefault(key(thing), [])
        if not pair or (len(pair) == 1 and identity(pair[0]) != identity(thing)):
            pair.append(thing)
    return {one: (pair[0], pair[1]) for one, pair in pairs.items() if len(pair) == 2}


def _contested_errors(
    entries: Iterable[PoolEntry], contested: Mapping[Hashable, tuple[PoolEntry, PoolEntry]]
) -> Iterable[ManifestError]:
    """One for each entry whose address another entry has, too."""
    for entry in entries:
        if entry.address not in contested:
            continue
        first, second = contested[entry.address]
        other = second if entry is first else first
        holders = " and by ".join(
            f"{shown(one.pod)} in the pool {shown(one.pool)}" for one in (entry, other)
        )
        yield ManifestError(
            f"{shown(address_text(*entry.address))} is held twice: by {holders}",
            "end the Pods that use it wrongly, wait until one entry is left, then export again; "
            f"the other is at {other.span}",
            entry.span,
            "held-twice",
            "status.allocatedIPs",
        )


def _repeated(
    interfaces: Sequence[HeldInterface],
) -> Iterable[tuple[HeldInterface, ManifestError]]:
    """Interfaces that are not told apart from another: of one SpiderEndpoint, or of two Pods."""
    same_name = _rivals(interfaces, _in_document, lambda one: one.path)
    same_sandbox = _rivals(interfaces, _in_sandbox, lambda one: one.pod_text)
    for one in interfaces:
        path = (*one.path, "interface")
        if pair := same_name.get(_in_document(one)):
            other = pair[1] if one is pair[0] else pair[0]
            message = f"the interface {shown(one.name)} of {shown(one.pod_text)} stands there twice"
            hint = "it has one address of each family: restart the Pod, then export again; "
            hint += f"the other is at {_name_place(other)}"
            yield one, one.document.error("invalid-status", path, message, hint)
        elif pair := same_sandbox.get(_in_sandbox(one)):
            other = pair[1] if one.pod_text == pair[0].pod_text else pair[0]
            message = f"{shown(one.pod_text)} and {shown(other.pod_text)} both have UID "
            message += f"{shown(one.uid)} and {shown(one.name)} on node {shown(one.node)}"
            hint = "a UID is of one Pod: delete the SpiderEndpoint of the one that is gone, then "
            hint += f"export again; the other is at {_name_place(other)}"
            yield one, one.document.error("entry-disagrees", path, message, hint)


def _in_document(interface: HeldInterface) -> Hashable:
    return id(interface.document), interface.name


def _in_sandbox(interface: HeldInterface) -> Hashable:
    return interface.node, interface.uid, interface.name


def _name_place(interface: HeldInterface) -> object:
    return interface.document.span((*interface.path, "interface"))


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


def _problem(
    interface: HeldInterface,
    held: HeldAddress,
    known: Known,
    entries: Mapping[tuple[Address, str], Sequence[PoolEntry]],
) -> Problem | None:
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
    of_pool = entries.get((held.address, held.pool), ())
    return _network_problem(held, record) or _entry_problem(interface, held, of_pool)


def _network_problem(held: HeldAddress, record: PoolRecord) -> Problem | None:
    """Where the Pod was told of another network than the pool's."""
    family, bits = held.address[0], record.serving.prefix_bits
    first, last = prefix_bounds(family, record.serving.subnet_first, bits)
    pool, subnet = shown(held.pool), shown(f"{address_text(family, first)}/{bits}")
    hint = "a pool's subnet does not change while it is used: export both again, or restart the Pod"
    if held.prefix_bits != bits:
        text = shown(f"{address_text(*held.address)}/{held.prefix_bits}")
        message = f"{text} has another prefix length than {subnet}, the subnet of the pool {pool}"
        return "entry-disagrees", message, hint
    if held.gateway and not first <= parse_address(held.gateway)[1] <= last:
        message = f"the gateway {shown(held.gateway)} is outside of {subnet}, the subnet of the "
        return "gateway-outside-subnet", f"{message}pool {pool}", hint
    return None


def _entry_problem(
    interface: HeldInterface, held: HeldAddress, entries: Sequence[PoolEntry]
) -> Problem | None:
    address, pool, pod = shown(address_text(*held.address)), shown(held.pool), interface.pod_text
    if not entries:
        return (
            "endpoint-without-entry",
            f"the SpiderEndpoint has {address}, and the pool {pool} knows nothing of it",
            f"restart {shown(pod)} if it runs, or delete its SpiderEndpoint; then export again",
        )
    if all((entry.pod, entry.uid) != (pod, interface.uid) for entry in entries):
        entry = entries[0]
        theirs, ours = shown(entry.pod), shown(pod)
        if entry.pod == pod:
            theirs, ours = f"UID {shown(entry.uid)} of {ours}", f"UID {shown(interface.uid)}"
        return (
            "entry-disagrees",
            f"{address} is held by {theirs} as the pool {pool} has it, not by {ours}",
            f"restart the Pod that runs, then export again; the pool's entry is at {entry.span}",
        )
    return None


def _orphan_errors(entries: Iterable[PoolEntry]) -> Iterable[ManifestError]:
    """For entries of pools that no SpiderEndpoint speaks of."""
    for entry in entries:
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
