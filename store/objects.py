"""The Protocol `Objects` on SQLite: everything that is applied and is no pool."""

from __future__ import annotations

from json import loads

from model.naming import natural_key
from model.pools import ObjectRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins

    from store.database import Database, Row

_SELECT = (
    "SELECT kind, namespace, name, manifest, facts, uid, source, revision, seen_at FROM object "
    "WHERE kind = ?"
)


class StoredObjects:
    """Objects that are no pools, read."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, kind: str, namespace: str, name: str) -> ObjectRecord | None:
        """One object."""
        row = self._database.row(
            f"{_SELECT} AND namespace = ? AND name = ?", (kind, namespace, name)
        )
        return _object(row) if row else None

    def list(self, kind: str, namespace: str | None = None) -> builtins.list[ObjectRecord]:
        """All objects of a kind, of one namespace or of all (None), in natural order."""
        if namespace is None:
            rows = self._database.rows(_SELECT, (kind,))
        else:
            rows = self._database.rows(f"{_SELECT} AND namespace = ?", (kind, namespace))
        return sorted(map(_object, rows), key=_order)


def _order(record: ObjectRecord) -> tuple[object, ...]:
    return natural_key(record.namespace), natural_key(record.name)


def _object(row: Row) -> ObjectRecord:
    try:
        kind, namespace, name, manifest, facts, uid, source, revision, seen_at = row
        return ObjectRecord(
            kind,
            namespace,
            name,
            loads(manifest),
            loads(facts),
            uid,
            source,
            str(revision),
            seen_at,
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        from store.failures import unreadable  # noqa: PLC0415 - costs nothing until then

        raise unreadable("an object") from error
