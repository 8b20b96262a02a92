"""APPLY: manifests into a store, all or nothing."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field

from model.errors import InvalidManifestsError
from policy.conflicts import conflict_error
from policy.load import Loaded, load
from policy.settings import AuthoringSettings
from store.store import Store


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one object: `created`, `configured` or `unchanged`."""

    kind: str
    namespace: str
    name: str
    result: str


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of every object, in the order given, and how many of other kinds were skipped."""

    applied: tuple[Applied, ...]
    skipped: dict[str, int] = field(default_factory=dict)


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
    """
    loaded = load_without_collector(texts, authoring_settings(store))
    results = store.writer.compare(loaded.pools, loaded.objects)
    conflicts = store.writer.write(loaded.pools, loaded.objects, {}, now_seconds, dry_run=dry_run)
    if conflicts:
        raise InvalidManifestsError([conflict_error(c, loaded.specs[c.pool]) for c in conflicts])
    applied = [Applied(*key, results[key]) for key in loaded.documents]
    return ApplyReport(tuple(applied), loaded.skipped_counts())
