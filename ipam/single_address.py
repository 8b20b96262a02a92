"""One address: what is known of it, reserving it, releasing it.

in `ips` of a pool ─ excluded there? ─ reserved? ─ held, kept or resting? ─ free
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ipam.apply import apply
from ipam.execute import execute_one
from model.addresses import address_text, prefix_bounds
from model.errors import InUseError, NotFoundError, StoreBusyError
from model.intervals import contains
from model.journal import JournalEntry
from model.leases import BOUND, RESTING, Lease, LetGo, Released
from model.pools import PoolRecord
from model.ranges import parse_address, parse_range
from policy.resources.spider import API_VERSION
from store.store import Store

RESERVED_KIND = "SpiderReservedIP"


@dataclass(frozen=True, slots=True)
class AddressReport:
    """What is known of one address.

    `pool` holds it in its ranges; `subnets` are pools whose subnet alone holds it. `reserved_by`
    names SpiderReservedIPs. `history` is every change of it, oldest first.
    """

    family: int
    address: int
    pool: PoolRecord | None
    subnets: tuple[str, ...]
    reserved_by: tuple[str, ...]
    lease: Lease | None
    history: tuple[JournalEntry, ...]

    @property
    def state(self) -> str:
        """`bound`, `kept`, `resting`, `reserved`, `free`, or `in no pool`."""
        if self.lease is not None:
            return self.lease.state
        if self.pool is None:
            return "in no pool"
        return "reserved" if self.reserved_by else "free"


def look_up_address(store: Store, text: str) -> AddressReport:
    """The report on the address that `text` names; `RangeSyntaxError` if it names none."""
    family, number = parse_address(text)
    pools = [p for p in store.pools.list() if p.serving.rules.family == family]
    pool = next((p for p in pools if contains(p.ranges, number)), None)
    subnets = tuple(p.name for p in pools if p is not pool and _in_subnet(p, number))
    lease = store.leases.by_address(family, number)
    history = tuple(store.journal.of_address(family, number))
    return AddressReport(
        family, number, pool, subnets, _reserving(store, family, number), lease, history
    )


def reserve_address(store: Store, text: str, now_seconds: int) -> tuple[str, AddressReport]:
    """Reserve one address with a SpiderReservedIP of its own; its name, and the report after it.

    A holder is not disturbed: the address is not handed out again once it is let go of. One that
    is reserved already is left as it is, and the name is that of the object that does it.
    `RangeSyntaxError` if `text` is no address.
    """
    family, number = parse_address(text)
    names = _reserving(store, family, number)
    if not names:
        names = (_free_name(store, family, number),)
        manifest = {
            "apiVersion": API_VERSION,
            "kind": RESERVED_KIND,
            "metadata": {"name": names[0]},
            "spec": {"ipVersion": family, "ips": [address_text(family, number)]},
        }
        apply(store, [("ip reserve", json.dumps(manifest).encode())], now_seconds)
    return names[0], look_up_address(store, text)


def _free_name(store: Store, family: int, number: int) -> str:
    """A name that says the address and that no SpiderReservedIP bears yet."""
    text = address_text(family, number)
    base = "ip-" + text.replace(".", "-").replace("::", "-x-").replace(":", "-").strip("-")
    taken = {record.name for record in store.objects.list(RESERVED_KIND)}
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}-{count}"
    return name


def release_address(
    store: Store, text: str, now_seconds: int, force: bool = False
) -> Sequence[Lease]:
    """Let go of one address in its holder's place; the leases as they were before.

    The interface's address of the other family goes with it: it has all of them or none.
    `RangeSyntaxError` if `text` is no address; `NotFoundError` if nobody holds it; `InUseError` if
    it is bound and `force` is not set; `StoreBusyError` if it changed hands meanwhile.
    """
    family, number = parse_address(text)
    canonical = address_text(family, number)
    lease = store.leases.by_address(family, number)
    if lease is None or lease.state == RESTING:
        raise NotFoundError(
            f"nobody holds {canonical}",
            f"`poolweaver ip show {canonical}` says what is known of it",
        )
    if lease.state == BOUND and not force:
        raise InUseError(
            f"{canonical} is bound to {lease.holder_text}",
            "delete the Pod (its DEL frees the address); --force releases it all the same, and "
            "another Pod may then get an address that is still in use",
        )
    together = _of_one_interface(store, lease)
    outcome = execute_one(store, LetGo(together, "poolweaver ip release"), now_seconds)
    if not isinstance(outcome, Released):
        raise StoreBusyError(
            f"{canonical} changed hands meanwhile", "look at it again, then repeat"
        )
    return together


def _of_one_interface(store: Store, lease: Lease) -> list[Lease]:
    """The leases that the interface of this one has, of both families."""
    if lease.state == BOUND:
        return store.leases.by_attachment(lease.attachment)
    return [one for one in store.leases.kept() if one.holder.tenant == lease.holder.tenant]


def _in_subnet(pool: PoolRecord, number: int) -> bool:
    serving = pool.serving
    first, last = prefix_bounds(serving.rules.family, serving.subnet_first, serving.prefix_bits)
    return first <= number <= last


def _reserving(store: Store, family: int, number: int) -> tuple[str, ...]:
    """The names of the SpiderReservedIPs that hold this address."""
    names = []
    for record in store.objects.list(RESERVED_KIND):
        spec = record.manifest["spec"]
        assert isinstance(spec, dict)
        for entry in spec["ips"]:
            own_family, first, last = parse_range(entry)
            if own_family == family and first <= number <= last:
                names.append(record.name)
                break
    return tuple(names)
