"""How many addresses of each pool are held and rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.repair.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

    Counts = dict[str, tuple[int, int, int]]

TITLE = "the counts"


def find(database: Database) -> Iterator[Problem]:
    """Pools whose counts are not those of their leases."""
    expected = _of_leases(database)
    query = "SELECT pool, allocated, resting, allocated_reserved FROM pool_usage"
    stored: Counts = {row[0]: (row[1], row[2], row[3]) for row in database.rows(query)}
    for pool in sorted(expected.keys() | stored.keys()):
        if expected.get(pool) != stored.get(pool):
            yield Problem(
                "counts", f"the counts of pool `{pool}` do not agree with its leases", pool=pool
            )


def mend(database: Database) -> None:
    """Counts anew."""
    database.run("DELETE FROM pool_usage")
    database.run_many(
        "INSERT INTO pool_usage (pool, allocated, resting, allocated_reserved) VALUES (?, ?, ?, ?)",
        [(pool, *counts) for pool, counts in _of_leases(database).items()],
    )


def _of_leases(database: Database) -> Counts:
    counts: Counts = {row[0]: (0, 0, 0) for row in database.rows("SELECT name FROM pool")}
    query = (
        "SELECT pool, sum(state <> 'resting'), sum(state = 'resting'), "
        "sum(state <> 'resting' AND reserved) FROM lease GROUP BY pool"
    )
    counts.update((row[0], (row[1], row[2], row[3])) for row in database.rows(query))
    return counts
