"""Why a batch of pools may not be written: checked under the lock, by number, never by text.

Every check costs a few index look-ups a range, whatever the number of pools: the ranges of all
pools are disjoint, and their subnets are equal or disjoint, so a neighbour tells all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_bytes, address_from_bytes, prefix_bounds
from model.intervals import subtract
from model.overlaps import MOST_OVERLAPS, shared_addresses, shared_subnets
from model.pools import Conflict
from store.lease_rows import HELD_WITHIN, find
from store.ranges import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from model.leases import Lease
    from store.database import Database
    from store.pool_batch import Change

    # family, network address, prefix length
    Subnet = tuple[int, int, int]

MOST_HOLDERS = 10
# Of stored ranges that overlap ?2..?3, the last one is the last that starts at or before ?3.
LAST_STARTING = (
    "SELECT first, last, pool FROM pool_range WHERE family = ? AND first <= ? "
    "ORDER BY first DESC LIMIT ?"
)
SUBNET_BEFORE = (
    "SELECT name, subnet_first, prefix_bits FROM pool WHERE family = ? AND subnet_first < ? "
    "ORDER BY subnet_first DESC LIMIT 1"
)
SUBNET_INSIDE = (
    "SELECT name FROM pool WHERE family = ? AND subnet_first > ? AND subnet_first <= ? "
    "ORDER BY subnet_first LIMIT 1"
)
SUBNET_OF_OTHER_SIZE = (
    "SELECT name FROM pool WHERE family = ? AND subnet_first = ? AND prefix_bits {} ? LIMIT 1"
)


def holder_text(lease: Lease) -> str:
    """Who holds a lease, for people: the Pod, else the attachment."""
    attachment = lease.attachment
    return lease.holder.pod_text or f"{attachment.container_id}/{attachment.ifname}"


def immutable_fields(change: Change) -> Iterator[Conflict]:
    """The subnet and the family of a pool never change; of one that is drained, nothing does."""
    stored = change.stored
    if stored and stored.terminating and not change.applied.record.serving.rules.terminating:
        yield Conflict(change.name, "terminating", family=change.family)
    elif stored and stored.family != change.family:
        yield Conflict(change.name, "immutable-field", "spec.ipVersion", change.family)
    elif stored and stored.subnet != change.subnet:
        yield Conflict(change.name, "immutable-field", "spec.subnet", change.family)


def addresses_in_use(database: Database, change: Change) -> Iterator[Conflict]:
    """Bound and kept leases whose address would leave the pool; up to `MOST_HOLDERS`."""
    left = MOST_HOLDERS
    family = change.stored.family if change.stored else change.family
    for first, last in change.removed:
        low, high = address_bytes(family, first), address_bytes(family, last)
        for held in find(database, HELD_WITHIN, (family, low, high, left)):
            left -= 1
            lease = held.lease
            yield Conflict(
                change.name,
                "address-in-use",
                holder_text(lease),
                family,
                lease.address,
                lease.address,
            )
        if left <= 0:
            return


def stored_overlaps(database: Database, change: Change) -> Iterator[Conflict]:
    """Addresses that belong to stored pools, whose rows are gone already if the batch has them."""
    for first, last in change.new_ranges:
        high = address_bytes(change.family, last)
        found = database.row(LAST_STARTING, (change.family, high, 1))
        if found and address_from_bytes(found[1])[1] >= first:
            yield from _all_overlaps(database, change, first, last)


def _all_overlaps(database: Database, change: Change, first: int, last: int) -> Iterator[Conflict]:
    high = address_bytes(change.family, last)
    for row in reversed(database.rows(LAST_STARTING, (change.family, high, MOST_OVERLAPS))):
        other_first, other_last = (address_from_bytes(data)[1] for data in row[:2])
        if other_last >= first:
            yield Conflict(
                change.name,
                "address-overlap",
                row[2],
                change.family,
                max(first, other_first),
                min(last, other_last),
            )


def batch_overlaps(changes: Sequence[Change]) -> Iterator[Conflict]:
    """Addresses that two pools of the batch want; said of the one that comes later in it."""
    pieces = (
        (change.family, first, last, place)
        for place, change in enumerate(changes)
        for first, last in change.new_ranges
    )
    for early, late, first, last in shared_addresses(pieces):
        change, other = changes[late], changes[early].name
        yield Conflict(change.name, "address-overlap", other, change.family, first, last)


def subnet_overlaps(database: Database, changes: Sequence[Change]) -> Iterator[Conflict]:
    """New pools whose subnet contains, or is contained in, another one of their family."""
    new = [change for change in changes if not change.stored]
    first_of: dict[Subnet, Change] = {}
    for change in new:
        first_of.setdefault(change.subnet_key, change)
    shared = shared_subnets(list(first_of))
    others = {late: first_of[early].name for late, early in shared.items()}
    for subnet in first_of:
        if name := _stored_subnet_overlap(database, subnet):
            others[subnet] = name
    for change in new:
        if other := others.get(change.subnet_key):
            family, number, prefix_bits = change.subnet_key
            first, last = prefix_bounds(family, number, prefix_bits)
            yield Conflict(change.name, "subnet-overlap", other, family, first, last)


def _stored_subnet_overlap(database: Database, subnet: Subnet) -> str:
    """The name of a stored pool whose subnet overlaps and differs, or empty."""
    family, number, prefix_bits = subnet
    first, last = prefix_bounds(family, number, prefix_bits)
    low, high = address_bytes(family, first), address_bytes(family, last)
    for comparison in ("<", ">"):
        query = SUBNET_OF_OTHER_SIZE.format(comparison)
        if row := database.row(query, (family, low, prefix_bits)):
            return str(row[0])
    if row := database.row(SUBNET_INSIDE, (family, low, high)):
        return str(row[0])
    row = database.row(SUBNET_BEFORE, (family, low))
    if row and prefix_bounds(family, address_from_bytes(row[1])[1], row[2])[1] >= first:
        return str(row[0])
    return ""


def removed_ranges(before: str, after: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """What the stored ranges hold and the new ones do not."""
    return subtract(unpack(before), after)
