"""Schema 4: default pools filed under anchors, so that a Pod's pools are found without a search.

The SQL function `pool_anchors`, which `ipam.migrate` registers, compiles what pools of an older
store were not written with.
"""

from __future__ import annotations

from collections import Counter
from json import dumps, loads
from typing import TYPE_CHECKING, Any

from store.migrations import statements

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

    Alternatives = list[list[tuple[str, str, str]]]

_ANCHORS = """
ALTER TABLE pool ADD COLUMN sort BLOB NOT NULL DEFAULT x'';   -- rank among candidates without list
ALTER TABLE pool ADD COLUMN alternatives TEXT NOT NULL DEFAULT '[]';   -- JSON: lists of anchors
ALTER TABLE pool ADD COLUMN anchored INTEGER;   -- which alternative it is filed under; NULL: none
-- Invariant: a row for each anchor of pool.alternatives[pool.anchored], and no other.
CREATE TABLE anchor (
  family INTEGER NOT NULL,
  subject TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  sort BLOB NOT NULL,
  pool TEXT NOT NULL,
  PRIMARY KEY (family, subject, key, value, sort, pool)
) WITHOUT ROWID;
-- For subjects of which nothing is known: all their pools by rank, whatever key and value.
CREATE INDEX anchor_by_subject ON anchor (family, subject, sort, pool);
"""


def migrate(tables: Tables) -> None:
    """The tables, and the pools that are there filed in them, each where fewest others could be."""
    for statement in statements(_ANCHORS):
        tables.execute(statement)
    compiled = [_compiled(tables, row) for row in tables.execute(_POOLS).fetchall()]
    crowds = Counter(
        (family, anchor)
        for _, family, _, alternatives, serves in compiled
        if serves
        for anchors in alternatives
        for anchor in anchors
    )
    for name, family, sort, alternatives, serves in compiled:
        crowded = [max(crowds[family, anchor] for anchor in anchors) for anchors in alternatives]
        place = crowded.index(min(crowded)) if serves else None
        tables.execute(
            "UPDATE pool SET sort = ?, alternatives = ?, anchored = ? WHERE name = ?",
            (sort, dumps(alternatives), place, name),
        )
        if place is not None:
            tables.conn.executemany(
                "INSERT INTO anchor VALUES (?, ?, ?, ?, ?, ?)",
                [(family, *anchor, sort, name) for anchor in alternatives[place]],
            )


_POOLS = (
    "SELECT name, family, body, priority, is_default AND NOT disabled AND NOT terminating FROM pool"
)


def _compiled(tables: Tables, row: tuple[Any, ...]) -> tuple[str, int, bytes, Alternatives, bool]:
    """(name, family, sort, alternatives, whether it is filed) of a row of `_POOLS`."""
    name, family, body, priority, serves = row
    rules = {"name": name, "family": family, "priority": priority, **loads(body)}
    (text,) = tables.execute("SELECT pool_anchors(?)", (dumps(rules),)).fetchone()
    sort, alternatives = loads(text)
    anchors = [[(subject, key, value) for subject, key, value in one] for one in alternatives]
    return name, family, bytes.fromhex(sort), anchors, bool(serves)
