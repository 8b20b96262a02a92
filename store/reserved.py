"""Reserved addresses: the union of all SpiderReservedIP objects, and what it takes from pools.

Reserving a held address does not disturb its holder; the lease is marked, so that the counts of
its pool stay exact. Authoring time, inside the transaction of the caller.
"""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING

from model.addresses import address_bytes, address_from_bytes
from model.intervals import size, subtract, union
from store import open_ranges
from store.bitmap import Bitmap
from store.ranges import pack, unpack

if TYPE_CHECKING:
    from model.intervals import Intervals
    from store.database import Database

KIND = "SpiderReservedIP"
OVERLAPPING = (
    "SELECT first, last FROM reserved_range WHERE family = ?1 AND first <= ?3 AND first >= "
    "coalesce((SELECT max(first) FROM reserved_range WHERE family = ?1 AND first <= ?2), x'') "
    "ORDER BY first"
)
POOLS_WITHIN = (
    "SELECT DISTINCT pool FROM pool_range WHERE family = ?1 AND first <= ?3 AND first >= "
    "coalesce((SELECT max(first) FROM pool_range WHERE family = ?1 AND first <= ?2), x'')"
)


def claimable_of(database: Database, family: int, ranges: Intervals) -> Intervals:
    """The ranges of a pool without the reserved addresses among them."""
    if not ranges:
        return ()
    bounds = (family, address_bytes(family, ranges[0][0]), address_bytes(family, ranges[-1][1]))
    return subtract(ranges, _numbers(database.rows(OVERLAPPING, bounds)))


def refresh_reserved(database: Database) -> None:
    """Brings everything that depends on reserved addresses up to the objects as they are now."""
    for family in (4, 6):
        before = _numbers(
            database.rows(
                "SELECT first, last FROM reserved_range WHERE family = ? ORDER BY first", (family,)
            )
        )
        after = reserved_by_objects(database, family)
        if before != after:
            _replace(database, family, after)
            _mark_leases(database, family, subtract(before, after), reserved=False)
            _mark_leases(database, family, subtract(after, before), reserved=True)
            changed = subtract(before, after) + subtract(after, before)
            for pool in _pools_within(database, family, changed):
                _refresh_pool(database, family, pool)


def reserved_by_objects(database: Database, family: int) -> Intervals:
    """The union of all SpiderReservedIP objects of a family."""
    rows = database.rows("SELECT facts FROM object WHERE kind = ?", (KIND,))
    values = [loads(row[0]) for row in rows]
    return union(
        (int(first), int(last))
        for value in values
        if value.get("family") == family
        for first, last in value["ranges"]
    )


def _replace(database: Database, family: int, intervals: Intervals) -> None:
    database.run("DELETE FROM reserved_range WHERE family = ?", (family,))
    database.run_many(
        "INSERT INTO reserved_range VALUES (?, ?, ?)",
        [
            (family, address_bytes(family, first), address_bytes(family, last))
            for first, last in intervals
        ],
    )


def _mark_leases(database: Database, family: int, intervals: Intervals, *, reserved: bool) -> None:
    database.run_many(
        "UPDATE lease SET reserved = ? WHERE family = ? AND address BETWEEN ? AND ?",
        [
            (reserved, family, address_bytes(family, first), address_bytes(family, last))
            for first, last in intervals
        ],
    )


def _pools_within(database: Database, family: int, intervals: Intervals) -> set[str]:
    """The pools that own an address of the intervals; a neighbour too, now and then."""
    pools: set[str] = set()
    for first, last in intervals:
        bounds = (family, address_bytes(family, first), address_bytes(family, last))
        pools.update(row[0] for row in database.rows(POOLS_WITHIN, bounds))
    return pools


def _refresh_pool(database: Database, family: int, pool: str) -> None:
    row = database.row("SELECT ranges FROM pool WHERE name = ?", (pool,))
    claimable = claimable_of(database, family, unpack(row[0]) if row else ())
    database.run(
        "UPDATE pool SET claimable = ?, claimable_total = ? WHERE name = ?",
        (pack(claimable), str(size(claimable)), pool),
    )
    open_ranges.replace(database, Bitmap(database, family), pool, claimable)
    database.run(
        "UPDATE pool_usage SET allocated_reserved = (SELECT count(*) FROM lease WHERE "
        "lease.pool = ?1 AND reserved AND state <> 'resting') WHERE pool = ?1",
        (pool,),
    )


def _numbers(rows: list[tuple[bytes, bytes]]) -> Intervals:
    return tuple(
        (address_from_bytes(first)[1], address_from_bytes(last)[1]) for first, last in rows
    )
