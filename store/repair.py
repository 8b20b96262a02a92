"""Whether everything that is derived from leases and pools agrees with them, and making it so.

    leases ──> bitmap, counts, journal        pools ──> pool_range, claimable, digest, texts

Authoring time: it reads the whole store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_from_bytes, address_text
from model.intervals import contains, size
from store.bitmap import bits_bytes, index_bytes
from store.bits import set_bit
from store.claim import rules_digest
from store.pool_records import pool_weight
from store.ranges import pack, unpack
from store.reserved import claimable_of, reserved_by_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.intervals import Intervals
    from store.database import Database
    from store.store import Store

    Nodes = dict[tuple[int, int, bytes], bytes]
    Counts = dict[str, tuple[int, int, int]]


def check(store: Store) -> list[str]:
    """What is wrong with the store, one line each; empty for a whole one. Reads one moment."""
    database = store.database
    with database.snapshot():
        broken = [row[0] for row in database.rows("PRAGMA integrity_check") if row[0] != "ok"]
        return broken or [
            *_wrong_bits(database),
            *_wrong_counts(database),
            *_misplaced_leases(database),
            *_wrong_ranges(database),
            *_wrong_journal(database),
            *_wrong_digests(database),
        ]


def rebuild(store: Store) -> None:
    """Writes the bitmap and the counts anew from the leases."""
    database = store.database
    with database.transaction():
        database.run("DELETE FROM node")
        database.run_many(
            "INSERT INTO node (family, level, idx, bits) VALUES (?, ?, ?, ?)",
            [(*key, bits) for key, bits in _nodes_of_leases(database).items()],
        )
        database.run("DELETE FROM pool_usage")
        database.run_many(
            "INSERT INTO pool_usage VALUES (?, ?, ?, ?)",
            [(pool, *counts) for pool, counts in _counts_of_leases(database).items()],
        )


def _wrong_bits(database: Database) -> Iterator[str]:
    expected = _nodes_of_leases(database)
    stored: Nodes = {
        (family, level, index): bits
        for family, level, index, bits in database.rows("SELECT family, level, idx, bits FROM node")
    }
    for family, level, index in sorted(expected.keys() | stored.keys()):
        key = (family, level, index)
        if expected.get(key) != stored.get(key):
            place = int.from_bytes(index, "big")
            yield f"bitmap node {level}/{place:x} of IPv{family} does not agree with the leases"


def _nodes_of_leases(database: Database) -> Nodes:
    nodes: dict[tuple[int, int, int], int] = {}
    for family in (4, 6):

        def read(level: int, index: int, family: int = family) -> int:
            return nodes.get((family, level, index), 0)

        for row in database.rows("SELECT address FROM lease WHERE family = ?", (family,)):
            for level, index, bits in set_bit(read, address_from_bytes(row[0])[1]):
                nodes[family, level, index] = bits
    return {
        (family, level, index_bytes(index)): bits_bytes(bits)
        for (family, level, index), bits in nodes.items()
    }


def _wrong_counts(database: Database) -> Iterator[str]:
    expected = _counts_of_leases(database)
    stored: Counts = {row[0]: (row[1], row[2], row[3]) for row in database.rows(_USAGE)}
    for pool in sorted(expected.keys() | stored.keys()):
        if expected.get(pool) != stored.get(pool):
            yield f"the counts of pool `{pool}` do not agree with its leases"


_USAGE = "SELECT pool, allocated, resting, allocated_reserved FROM pool_usage"


def _counts_of_leases(database: Database) -> Counts:
    counts: Counts = {row[0]: (0, 0, 0) for row in database.rows("SELECT name FROM pool")}
    query = (
        "SELECT pool, sum(state <> 'resting'), sum(state = 'resting'), "
        "sum(state <> 'resting' AND reserved) FROM lease GROUP BY pool"
    )
    counts.update((row[0], (row[1], row[2], row[3])) for row in database.rows(query))
    return counts


def _misplaced_leases(database: Database) -> Iterator[str]:
    pools = {
        row[0]: (row[1], unpack(row[2]))
        for row in database.rows("SELECT name, family, ranges FROM pool")
    }
    reserved = {family: reserved_by_objects(database, family) for family in (4, 6)}
    for address, family, pool, marked in database.rows(
        "SELECT address, family, pool, reserved FROM lease"
    ):
        address_family, number = address_from_bytes(address)
        text = address_text(address_family, number)
        pool_family, ranges = pools.get(pool, (0, ()))
        if not address_family == family == pool_family or not contains(ranges, number):
            yield f"`{text}` is held, but is no address of its pool `{pool}`"
        if bool(marked) != contains(reserved[address_family], number):
            yield f"the lease of `{text}` is wrong about whether the address is reserved"


def _wrong_ranges(database: Database) -> Iterator[str]:
    owned = _owned_ranges(database)
    for name, family, ranges, total, claimable, claimable_total in database.rows(
        "SELECT name, family, ranges, total, claimable, claimable_total FROM pool"
    ):
        intervals = unpack(ranges)
        free = claimable_of(database, family, intervals)
        if owned.pop(name, ()) != intervals or total != str(size(intervals)):
            yield f"the ranges of pool `{name}` do not agree with the index over all ranges"
        if claimable != pack(free) or claimable_total != str(size(free)):
            yield f"the claimable addresses of pool `{name}` do not agree with the reserved ones"
    for name in sorted(owned):
        yield f"the index over all ranges names `{name}`, which is no pool"
    yield from _overlaps(database)


def _owned_ranges(database: Database) -> dict[str, Intervals]:
    owned: dict[str, list[tuple[int, int]]] = {}
    query = "SELECT pool, first, last FROM pool_range ORDER BY first"
    for pool, first, last in database.rows(query):
        pair = (address_from_bytes(first)[1], address_from_bytes(last)[1])
        owned.setdefault(pool, []).append(pair)
    return {pool: tuple(pairs) for pool, pairs in owned.items()}


def _overlaps(database: Database) -> Iterator[str]:
    for family in (4, 6):
        before: tuple[int, str] = (-1, "")
        for first, last, pool in database.rows(
            "SELECT first, last, pool FROM pool_range WHERE family = ? ORDER BY first", (family,)
        ):
            if address_from_bytes(first)[1] <= before[0]:
                yield f"pools `{before[1]}` and `{pool}` share addresses"
            before = (address_from_bytes(last)[1], pool)


# What brings a lease into its state.
_EVENTS = {"bound": ("claimed", "taken-over"), "kept": ("kept",), "resting": ("released",)}


def _wrong_journal(database: Database) -> Iterator[str]:
    """The newest row of a held address tells of its present state, and so does no other's."""
    query = (
        "SELECT lease.family, lease.address, state, event, lease.container_id, "
        "journal.container_id FROM lease LEFT JOIN journal ON journal.id = lease.revision "
        "AND journal.address = lease.address"
    )
    for _, address, state, event, holder, told in database.rows(query):
        if event not in _EVENTS[state] or holder != told:
            yield f"the journal does not tell of the lease of `{_text(address)}`"
    newer = (
        "SELECT address FROM lease WHERE EXISTS (SELECT 1 FROM journal WHERE journal.family = "
        "lease.family AND journal.address = lease.address AND journal.id > lease.revision)"
    )
    for row in database.rows(newer):
        yield f"the journal knows more of `{_text(row[0])}` than its lease"


def _text(address: bytes) -> str:
    return address_text(*address_from_bytes(address))


def _wrong_digests(database: Database) -> Iterator[str]:
    total = 0
    for row in database.rows(
        "SELECT name, digest, rule_digest, is_default, disabled, terminating, priority, gateway, "
        "routes, weight FROM pool"
    ):
        weight = pool_weight(row[0], row[1], row[2], (row[3], row[4], row[5]), *row[6:9])
        total += int.from_bytes(weight, "big")
        if weight != row[9]:
            yield f"the digest of pool `{row[0]}` is not that of its rules"
    if f"{total % (1 << 256):064x}" != rules_digest(database):
        yield "the digest of all rules is not the sum over all pools"
    missing = "SELECT count(*) FROM pool LEFT JOIN rule_text ON rule_text.digest = rule_digest "
    orphans = "SELECT count(*) FROM rule_text WHERE digest NOT IN (SELECT rule_digest FROM pool)"
    if database.rows(f"{missing} WHERE text IS NULL") != [(0,)] or database.rows(orphans) != [(0,)]:
        yield "the rule texts are not those of the pools"
