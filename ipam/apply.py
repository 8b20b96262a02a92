"""APPLY: manifests into a store, all or nothing."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field

from ipam.drain import finish_drains
from ipam.keeping import settle
from model.addresses import address_text
from model.errors import InvalidManifestsError, ManifestError
from model.pools import ObjectRecord
from policy.conflicts import conflict_error
from policy.load import Loaded, load
from policy.settings import AuthoringSettings
from store.store import Store

RESERVED = "SpiderReservedIP"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one object: `created`, `configured` or `unchanged`."""

    kind: str
    namespace: str
    name: str
    result: str


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of every object, in the order given, and how many of other kinds were skipped.

    `notes` are lines for people: addresses that were reserved while somebody holds them.
    """

    applied: tuple[Applied, ...]
    skipped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def authoring_settings(store: Store) -> AuthoringSettings:
    """The settings of the store that manifests are read with."""
    return AuthoringSettings(
        str(store.settings.get("namespace")),
        bool(store.settings.get("enable_ipv4")),
        bool(store.settings.get("enable_ipv6")),
    )


def load_without_collector(
    texts: Sequence[tuple[str, bytes]], settings: AuthoringSettings
) -> Loaded:
    """`load` without the cyclic collector, which would walk all that was read again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return load(texts, settings)
    finally:
        if enabled:
            gc.enable()


def apply(
    store: Store, texts: Sequence[tuple[str, bytes]], now_seconds: int, dry_run: bool = False
) -> ApplyReport:
    """Write every object of the (file name, content) pairs, or nothing.

    Compiling happens before the write lock is taken. Raises `InvalidManifestsError` with every
    error there is, those that only the store can know (overlaps, addresses in use) included, and
    `StoreError` where the store cannot be written to. `dry_run` checks all that and writes nothing.
    Addresses kept for Pods that no StatefulSet wants any more are let go of afterwards.
    """
    loaded = load_without_collector(texts, authoring_settings(store))
    changed = [
        error for record in loaded.objects for error in _family_changed(store, loaded, record)
    ]
    if changed:
        raise InvalidManifestsError(changed)
    results = store.writer.compare(loaded.pools, loaded.objects)
    conflicts = store.writer.write(loaded.pools, loaded.objects, {}, now_seconds, dry_run=dry_run)
    if conflicts:
        raise InvalidManifestsError([conflict_error(c, loaded.specs[c.pool]) for c in conflicts])
    if not dry_run:
        settle(store, now_seconds)
        finish_drains(store, set(store.pools.terminating()) - set(loaded.specs))
    applied = [Applied(*key, results[key]) for key in loaded.documents]
    notes = [note for record in loaded.objects for note in _still_held(store, record)]
    return ApplyReport(tuple(applied), loaded.skipped_counts(), tuple(notes))


def _family_changed(store: Store, loaded: Loaded, record: ObjectRecord) -> list[ManifestError]:
    """The error for a SpiderReservedIP that would change its family, which never changes."""
    stored = store.objects.get(record.kind, "", record.name) if record.kind == RESERVED else None
    if stored is None or stored.facts["family"] == record.facts["family"]:
        return []
    document = loaded.documents[record.kind, "", record.name]
    return [
        document.error(
            "immutable-field",
            ("spec", "ipVersion"),
            f"`spec.ipVersion` cannot be changed from {stored.facts['family']} to "
            f"{record.facts['family']}",
            "delete the object and create it anew, or give the new one another name",
        )
    ]


def _still_held(store: Store, record: ObjectRecord) -> list[str]:
    """Who holds an address that this object reserves; the holder is not disturbed."""
    if record.kind != RESERVED:
        return []
    family, ranges = record.facts["family"], record.facts["ranges"]
    assert isinstance(family, int)
    assert isinstance(ranges, list)
    notes = []
    for first, last in ranges:
        for lease in store.leases.within(family, int(first), int(last)):
            text, holder = address_text(family, lease.address), lease.holder_text
            notes.append(f"{text} is reserved, but {holder} holds it and keeps it until it lets go")
    return notes
