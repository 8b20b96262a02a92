"""Schema 6: which pools changed is read off an index, without the pools themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.migrations import statements

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

_WEIGHTS = "CREATE INDEX pool_by_weight ON pool (name, weight);"


def migrate(tables: Tables) -> None:
    """The index."""
    for statement in statements(_WEIGHTS):
        tables.execute(statement)
