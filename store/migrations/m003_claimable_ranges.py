"""Schema 3: the claimable ranges of pools as rows, so that no claim reads those that are full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.bits import lowest_zero
from store.migrations import statements

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

_RANGES = """
-- pool.claimable, a row a range. Invariant: open exactly when one of its addresses has no lease.
CREATE TABLE claimable_range (
  pool TEXT NOT NULL,
  first BLOB NOT NULL,
  last BLOB NOT NULL,
  is_open INTEGER NOT NULL,
  PRIMARY KEY (pool, first)
) WITHOUT ROWID;
CREATE INDEX claimable_open ON claimable_range (pool, first, last) WHERE is_open;
"""
_NODE = "SELECT bits FROM node WHERE family = ? AND level = ? AND idx = ?"


def migrate(tables: Tables) -> None:
    """The rows of all pools, open or not as the bitmap of taken addresses has it."""
    for statement in statements(_RANGES):
        tables.execute(statement)
    for pool, family, text in tables.execute("SELECT name, family, claimable FROM pool").fetchall():
        width = 4 if family == 4 else 16

        def read(level: int, index: int, family: int = family) -> int:
            key = index.to_bytes((index.bit_length() + 7) // 8, "big")
            row = tables.execute(_NODE, (family, level, key)).fetchone()
            return int.from_bytes(row[0], "little") if row else 0

        for piece in text.split(",") if text else ():
            first, _, last = piece.partition("-")
            low, high = int(first, 16), int(last or first, 16)
            tables.execute(
                "INSERT INTO claimable_range VALUES (?, ?, ?, ?)",
                (
                    pool,
                    low.to_bytes(width, "big"),
                    high.to_bytes(width, "big"),
                    lowest_zero(read, low, high) is not None,
                ),
            )
