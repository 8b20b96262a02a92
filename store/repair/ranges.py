"""Ranges of pools: disjoint over all pools, indexed as they are, without what is reserved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_bytes, address_from_bytes, address_text
from model.intervals import size
from store.ranges import pack, unpack
from store.repair.problems import RESTORE, Problem
from store.reserved import claimable_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.intervals import Intervals
    from store.database import Database, Row

TITLE = "the ranges of pools"
_CLAIMABLE = "SELECT pool, first, last, is_open FROM claimable_range ORDER BY pool, first"
_HELD = "SELECT count(*) FROM lease WHERE family = ? AND address BETWEEN ? AND ?"
_POOLS = "SELECT name, family, ranges, total, claimable, claimable_total FROM pool ORDER BY name"


def find(database: Database) -> Iterator[Problem]:
    """Pools that share addresses, and what is derived from ranges and differs from them."""
    owned = _indexed(database)
    rows: dict[str, list[Row]] = {}
    for name, *row in database.rows(_CLAIMABLE):
        rows.setdefault(name, []).append(tuple(row))
    for name, family, ranges, total, claimable, claimable_total in database.rows(_POOLS):
        intervals = unpack(ranges)
        free = claimable_of(database, family, intervals)
        stored = rows.pop(name, [])
        if owned.pop(name, ()) != intervals or total != str(size(intervals)):
            message = f"the ranges of pool `{name}` do not agree with the index over all ranges"
            yield Problem("ranges", message, pool=name)
        if claimable != pack(free) or claimable_total != str(size(free)):
            message = (
                f"the claimable addresses of pool `{name}` do not agree with the reserved ones"
            )
            yield Problem("claimable", message, pool=name)
        elif stored != _open_or_full(database, family, free):
            message = f"the open ranges of pool `{name}` do not agree with its leases"
            yield Problem("claimable", message, pool=name)
    for name in sorted(owned):
        message = f"the index over all ranges names `{name}`, which is no pool"
        yield Problem("ranges", message, pool=name)
    for name in sorted(rows):
        message = f"the open ranges name `{name}`, which is no pool"
        yield Problem("claimable", message, pool=name)
    yield from _shared(database)


def mend(database: Database) -> None:
    """Writes anew what is derived from the ranges of each pool; not where pools share addresses."""
    database.run("DELETE FROM claimable_range")
    for name, family, ranges, *_ in database.rows(_POOLS):
        intervals = unpack(ranges)
        free = claimable_of(database, family, intervals)
        database.run(
            "UPDATE pool SET total = ?, claimable = ?, claimable_total = ? WHERE name = ?",
            (str(size(intervals)), pack(free), str(size(free)), name),
        )
        database.run_many(
            "INSERT INTO claimable_range (pool, first, last, is_open) VALUES (?, ?, ?, ?)",
            [(name, *row) for row in _open_or_full(database, family, free)],
        )
    if any(_shared(database)):
        return
    database.run("DELETE FROM pool_range")
    for name, family, ranges, *_ in database.rows(_POOLS):
        database.run_many(
            "INSERT INTO pool_range (family, first, last, pool) VALUES (?, ?, ?, ?)",
            [
                (family, address_bytes(family, first), address_bytes(family, last), name)
                for first, last in unpack(ranges)
            ],
        )


def _open_or_full(database: Database, family: int, claimable: Intervals) -> list[Row]:
    """(first, last, whether fewer leases than addresses) of each range."""
    found: list[Row] = []
    for first, last in claimable:
        ends = address_bytes(family, first), address_bytes(family, last)
        ((held,),) = database.rows(_HELD, (family, *ends))
        found.append((*ends, int(held < last - first + 1)))
    return found


def _indexed(database: Database) -> dict[str, Intervals]:
    owned: dict[str, list[tuple[int, int]]] = {}
    for pool, first, last in database.rows(
        "SELECT pool, first, last FROM pool_range ORDER BY first"
    ):
        pair = (address_from_bytes(first)[1], address_from_bytes(last)[1])
        owned.setdefault(pool, []).append(pair)
    return {pool: tuple(pairs) for pool, pairs in owned.items()}


def _shared(database: Database) -> Iterator[Problem]:
    """Pools whose own ranges overlap: the truth contradicts itself, so that nothing mends it."""
    spans = sorted(
        (family, first, last, name)
        for name, family, ranges, *_ in database.rows(_POOLS)
        for first, last in unpack(ranges)
    )
    before = (0, -1, -1, "")
    for span in spans:
        if span[0] == before[0] and span[1] <= before[2]:
            text = address_text(span[0], span[1])
            message = f"pools `{before[3]}` and `{span[3]}` share addresses, from `{text}` on"
            yield Problem("ranges-shared", message, RESTORE, text, span[3])
        before = span if span[0] != before[0] or span[2] > before[2] else before
