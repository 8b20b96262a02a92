"""EXPORT: a store as JSON lines (ipam/export_records.py), which `import jsonl` reads again."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ipam.export_records import VERSION, change_document, lease_document
from store.lease_restore import all_changes, all_held
from store.store import Store


def export_lines(store: Store, *, journal: bool = False) -> Iterator[str]:
    """The lines, without their ends, all of one moment. What is equal gives equal lines."""
    with store.database.snapshot():
        header: dict[str, object] = {"poolweaver": "export", "version": VERSION}
        if journal:
            header["journalFrom"] = store.journal.known_from()
        yield _line(header)
        for key, value in sorted(store.settings.all().items()):
            yield _line({"setting": key, "value": value})
        node = store.settings.bound_node()
        if node is not None:
            yield _line({"node": node})
        yield from _manifests(store)
        yield from _leases(store)
        if journal:
            for entry in all_changes(store.database):
                yield _line({"change": change_document(entry)})


def _manifests(store: Store) -> Iterator[str]:
    query = "SELECT kind, namespace, name FROM object ORDER BY kind, namespace, name"
    for key in store.database.rows(query):
        record = store.objects.get(*key)
        if record is not None:
            yield _line({"manifest": record.manifest})
    for pool in store.pools.list():
        yield _line({"manifest": pool.manifest})


def _leases(store: Store) -> Iterator[str]:
    claims: dict[int, int] = {}
    for held in all_held(store.database, [pool.name for pool in store.pools.list()]):
        number = claims.setdefault(held.claim, len(claims) + 1)
        yield _line({"lease": lease_document(held, number)})


def _line(value: object) -> str:
    return json.dumps(value)
