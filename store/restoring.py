"""The content of one store put in place of another's, in one transaction of the other.

The file stays the same one, so that a CNI call that waits for the lock meanwhile goes on with what
was restored, and never writes to a file that was moved away. What must not go back does not: the
numbers of revisions, and what `reconcile` saw.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from model.addresses import address_from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.intervals import Interval
    from store.database import Database

_SEQUENCE = "SELECT coalesce((SELECT seq FROM {}.sqlite_sequence WHERE name = 'journal'), 0)"
_REVISION = "SELECT coalesce((SELECT value FROM {}.meta WHERE key = 'revision'), 0)"
_NODE = "SELECT value FROM {}.meta WHERE key = 'node'"
# Held now, and by somebody else or by nobody in the other store.
_UNKNOWN = (
    "SELECT address FROM main.lease AS held WHERE state <> 'resting' AND NOT EXISTS (SELECT 1 FROM "
    "other.lease AS old WHERE old.family = held.family AND old.address = held.address AND "
    "old.state <> 'resting' AND old.tenant = held.tenant AND (held.tenant <> '' OR "
    "old.container_id = held.container_id)) ORDER BY family, address"
)


@contextmanager
def attached(database: Database, path: str) -> Iterator[None]:
    """The store at `path`, to which nobody writes, is `other` in statements of the block."""
    name = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    database.run("ATTACH ? AS other", (f"file://{name}?mode=ro&immutable=1",))
    try:
        yield
    finally:
        database.run("DETACH other")


def unknown_to_other(database: Database) -> list[Interval]:
    """(family, number) of each address that is held here, and not so in the other store."""
    return [address_from_bytes(row[0]) for row in database.rows(_UNKNOWN)]


def nodes(database: Database) -> tuple[str, str]:
    """The node this store serves, and the other's; empty for none yet."""
    here, there = (database.row(_NODE.format(name)) for name in ("main", "other"))
    return (str(here[0]) if here else "", str(there[0]) if there else "")


def take_content(database: Database, now_seconds: int) -> None:
    """Everything of the other store in place of everything here, inside the caller's transaction.

    Both have the schema of this program.
    """
    spent, revision = _highest(database, _SEQUENCE), _highest(database, _REVISION)
    rows = database.rows(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    for (name,) in rows:
        database.run(f'DELETE FROM main."{name}"')
        columns = ", ".join(
            f'"{row[0]}"' for row in database.rows(f"SELECT name FROM pragma_table_info('{name}')")
        )
        database.run(f'INSERT INTO main."{name}" ({columns}) SELECT {columns} FROM other."{name}"')
    database.run("UPDATE main.meta SET value = ? WHERE key = 'revision'", (str(revision),))
    settle(database, spent, now_seconds)


def settle(database: Database, spent: int, now_seconds: int) -> None:
    """What is restored goes on: revisions after `spent`, no sightings, a journal with a gap."""
    ((newest,),) = database.rows("SELECT coalesce(max(id), 0) FROM main.journal")
    database.run("DELETE FROM main.sighting")
    database.run("DELETE FROM main.sqlite_sequence WHERE name = 'journal'")
    database.run("INSERT INTO main.sqlite_sequence (name, seq) VALUES ('journal', ?)", (spent,))
    database.run(
        "UPDATE main.journal_pruning SET rows_pruned = rows_pruned + ?, known_from = ?",
        (max(spent - newest, 0), now_seconds),
    )


def _highest(database: Database, query: str) -> int:
    found = (database.row(query.format(name)) for name in ("main", "other"))
    return max(int(row[0]) for row in found if row)
