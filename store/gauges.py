"""Counts of all pools at once: for metrics, and for people who ask how the store is.

For metrics, SQLite counts and puts whole texts together, so that the other threads of the process
go on meanwhile (Python's lock is not held in it) and ten thousand pools cost milliseconds. Such
counts are floating point, as metrics are: exact up to 2**53.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model.naming import natural_key
from model.record import Record
from store.database import Database
from store.journal_pruning import row_count

_COUNTED = """
  SELECT pool.name AS name, family, total, claimable_total, allocated, resting, allocated_reserved,
    (SELECT count(*) FROM lease INDEXED BY lease_by_pool
      WHERE lease.pool = pool.name AND state = 'kept') AS kept,
    disabled, terminating
  FROM pool JOIN pool_usage ON pool_usage.pool = pool.name
"""
# Counts by name, as floating point.
COUNTS = {
    "total": "CAST(total AS REAL)",
    "bound": "allocated - kept",
    "kept": "kept",
    "resting": "resting",
    "free": "CAST(claimable_total AS REAL) - (allocated - allocated_reserved)",
}


class PoolCounts(Record):
    """The counts of one pool: `total` is what `ips` names, `free` what could be claimed now."""

    __slots__ = (
        "bound",
        "disabled",
        "family",
        "free",
        "kept",
        "name",
        "resting",
        "terminating",
        "total",
    )

    def __init__(
        self,
        name: str,
        family: int,
        total: int,
        bound: int,
        kept: int,
        resting: int,
        free: int,
        disabled: bool = False,
        terminating: bool = False,
    ) -> None:
        self.name = name
        self.family = family
        self.total = total
        self.bound = bound
        self.kept = kept
        self.resting = resting
        self.free = free
        self.disabled = disabled
        self.terminating = terminating

    @property
    def is_full(self) -> bool:
        """Whether it serves, and has no address left."""
        return self.free <= 0 and not self.disabled and not self.terminating

    def to_json(self) -> dict[str, object]:
        """Its fields by name."""
        names = ("name", "family", "total", "bound", "kept", "resting", "free")
        flags = ("disabled", "terminating")
        return {name: getattr(self, name) for name in (*names, *flags)}


def pool_counts(database: Database) -> list[PoolCounts]:
    """The counts of every pool, exact whatever its size, in natural order of name."""
    found = [
        PoolCounts(
            row[0],
            row[1],
            int(row[2]),
            row[4] - row[7],
            row[7],
            row[5],
            int(row[3]) - (row[4] - row[6]),
            bool(row[8]),
            bool(row[9]),
        )
        for row in database.rows(_COUNTED)
    ]
    return sorted(found, key=lambda pool: natural_key(pool.name))


def journal_rows(database: Database) -> int:
    """How many changes the journal holds."""
    return row_count(database)


def object_counts(database: Database) -> dict[str, int]:
    """How many objects of each kind were applied, pools aside."""
    return dict(database.rows("SELECT kind, count(*) FROM object GROUP BY kind"))


def file_bytes(path: str) -> dict[str, int]:
    """The bytes of the file (`database`) and of its write-ahead log (`log`), 0 for what is gone."""
    return {"database": _bytes(path), "log": _bytes(f"{path}-wal")}


def _bytes(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def lines(database: Database, forms: Sequence[tuple[str, str]], most: int) -> str:
    """A line for each of the first `most` pools by name and each form, forms one after the other.

    A form is one of `COUNTS` and a text in which `%s` stands for the pool's name; the count follows
    after a space. Each line ends with a line feed; no pools give the empty text.
    """
    found = []
    for name, form in forms:
        row = database.row(
            f"SELECT group_concat(printf(?, name, {COUNTS[name]}), '') FROM "
            f"({_COUNTED} ORDER BY name LIMIT ?)",
            (f"{form} %!.17g\n", most),
        )
        found.append(row[0] if row and row[0] else "")
    return "".join(found)
