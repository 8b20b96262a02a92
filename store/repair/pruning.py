"""How many rows of the journal were forgotten: the bound on its size counts with that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.journal_pruning import row_count
from store.repair.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "what the journal forgot"


def find(database: Database) -> Iterator[Problem]:
    """A count of rows that is not that of the rows."""
    state = database.rows("SELECT count(*) FROM journal_pruning")
    if state != [(1,)] or row_count(database) != _rows(database):
        yield Problem("journal-count", "the count of the journal's rows is not that of its rows")


def mend(database: Database) -> None:
    """Counts the rows anew. What is known of the past does not grow by that."""
    row = database.row("SELECT max(known_from) FROM journal_pruning")
    known_from = (row[0] if row else 0) or 0
    database.run("DELETE FROM journal_pruning")
    database.run("INSERT INTO journal_pruning VALUES (0, 0, ?)", (known_from,))
    pruned = row_count(database) - _rows(database)
    database.run("UPDATE journal_pruning SET rows_pruned = ?", (pruned,))


def _rows(database: Database) -> int:
    row = database.row("SELECT count(*) FROM journal")
    return int(row[0]) if row else 0
