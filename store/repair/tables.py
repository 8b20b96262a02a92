"""Tables, their columns and their indexes, against those that the migrations make.

A unique key that is missing would no longer keep an address from being held twice.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from model.errors import StoreError
from store.migrations import apply_steps, steps
from store.repair.problems import RESTORE, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from store.database import Database

    Rows = Callable[[str], list[Any]]

TITLE = "the tables"


def find(database: Database) -> Iterator[Problem]:
    """Tables that are not as this schema has them, and indexes that are missing or others."""
    expected_tables, expected_indexes = _expected()
    tables, indexes = _tables(database.rows), _indexes(database.rows)
    for name, columns in expected_tables.items():
        if tables.get(name) != columns:
            message = f"the table `{name}` is not as this schema has it"
            yield Problem("table-differs", message, RESTORE)
    for name, sql in expected_indexes.items():
        if indexes.get(name) != sql:
            yield Problem("index-missing", f"the index `{name}` is missing or another")


def mend(database: Database) -> None:
    """Makes the indexes that are missing or others; one whose rows are not unique stays."""
    _, expected = _expected()
    there = _indexes(database.rows)
    for name, sql in expected.items():
        if there.get(name) == sql:
            continue
        with database.savepoint() as savepoint:
            try:
                database.run(f"DROP INDEX IF EXISTS {name}")
                database.run(sql)
            except StoreError:
                savepoint.abandon()


def _expected() -> tuple[dict[str, list[Any]], dict[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        fresh.execute("BEGIN")
        apply_steps(fresh, steps())

        def rows(sql: str) -> list[Any]:
            return fresh.execute(sql).fetchall()

        return _tables(rows), _indexes(rows)


def _tables(rows: Rows) -> dict[str, list[Any]]:
    """Name, declared type, NOT NULL and place in the key of each column, by table."""
    names = rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    query = "SELECT name, type, \"notnull\", pk FROM pragma_table_info('{}') ORDER BY name"
    expected = {str(name): rows(query.format(name)) for (name,) in names}
    return {name: columns for name, columns in expected.items() if not name.startswith("_")}


def _indexes(rows: Rows) -> dict[str, str]:
    """The statement of each index that has one, by name."""
    found = rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in found}
