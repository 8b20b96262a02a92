"""Schema 2: how far the journal was pruned, so that it never claims to know what it forgot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.migrations import statements

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

_PRUNING = """
-- One row. Invariant: what is left of the journal of an address is the end of what happened to it.
CREATE TABLE journal_pruning (
  swept_to INTEGER NOT NULL,         -- the journal id up to which the present sweep has looked
  rows_pruned INTEGER NOT NULL,      -- ids are never used twice: newest id - this = rows there
  known_from INTEGER NOT NULL        -- every row of this second or a later one is still there
);
INSERT INTO journal_pruning VALUES (0, 0, 0);
"""


def migrate(tables: Tables) -> None:
    """A journal of which nothing was pruned yet."""
    for statement in statements(_PRUNING):
        tables.execute(statement)
