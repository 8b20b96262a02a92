"""Objects that are no pools, written."""

from __future__ import annotations

from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING

from store.reserved import KIND as RESERVED_KIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.pools import ObjectRecord
    from store.database import Database

_WRITE = (
    "INSERT INTO object (kind, namespace, name, uid, facts, manifest, source, content, revision, "
    "seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, namespace, name) DO UPDATE "
    "SET uid = excluded.uid, facts = excluded.facts, manifest = excluded.manifest, "
    "source = excluded.source, content = excluded.content, revision = excluded.revision, "
    "seen_at = excluded.seen_at WHERE object.content <> excluded.content"
)


class AppliedObject:
    """An object made ready for writing; an equal `content` means that nothing changed."""

    __slots__ = ("content", "key", "kind", "seen_at_seconds", "values")

    def __init__(self, record: ObjectRecord) -> None:
        self.kind = record.kind
        self.key = (record.kind, record.namespace, record.name)
        self.seen_at_seconds = record.seen_at_seconds
        self.values = (
            *self.key,
            record.uid,
            dumps(record.facts, sort_keys=True),
            dumps(record.manifest, sort_keys=True),
            record.source,
        )
        self.content = sha256(repr(self.values).encode()).hexdigest()


def write_objects(
    database: Database, objects: Sequence[AppliedObject], revision: int, now_seconds: int
) -> bool:
    """Writes the objects that changed; whether there are reserved addresses among them."""
    database.run_many(
        _WRITE,
        [
            (*one.values, one.content, revision, one.seen_at_seconds or now_seconds)
            for one in objects
        ],
    )
    return any(one.kind == RESERVED_KIND for one in objects)
