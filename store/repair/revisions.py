"""Revisions: one that was given out is never given out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.repair.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "the revisions"
_NEWEST_LEASE = "SELECT coalesce(max(revision), 0) FROM lease"
_NEWEST_ROW = "SELECT coalesce(max(id), 0) FROM journal"
_NEWEST_OBJECT = (
    "SELECT max(coalesce((SELECT max(revision) FROM pool), 0), "
    "coalesce((SELECT max(revision) FROM object), 0))"
)
_SPENT = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0)"
_WRITTEN = "SELECT coalesce((SELECT value FROM meta WHERE key = 'revision'), 0)"


def find(database: Database) -> Iterator[Problem]:
    """Counters that lie behind what they counted."""
    if _number(database, _SPENT) < _newest(database):
        yield Problem("revision", "the revisions of leases would be given out a second time")
    if _number(database, _WRITTEN) < _number(database, _NEWEST_OBJECT):
        yield Problem("revision", "the revisions of objects would be given out a second time")


def mend(database: Database) -> None:
    """Sets the counters to the newest revisions there are, where they lie behind."""
    newest = _newest(database)
    if _number(database, _SPENT) < newest:
        database.run("DELETE FROM sqlite_sequence WHERE name = 'journal'")
        database.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('journal', ?)", (newest,))
    written = _number(database, _NEWEST_OBJECT)
    if _number(database, _WRITTEN) < written:
        database.run("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (str(written),))


def _newest(database: Database) -> int:
    return max(_number(database, _NEWEST_LEASE), _number(database, _NEWEST_ROW))


def _number(database: Database, query: str) -> int:
    row = database.row(query)
    return int(row[0]) if row else 0
