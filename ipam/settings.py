"""Changing a setting, and compiling anew what depends on it."""

from __future__ import annotations

import json

from ipam.apply import authoring_settings
from model.errors import StoreError
from policy.load import load
from store.store import Store

RECOMPILING = ("namespace",)  # a `multusName` without namespace compiles to this setting


def change_setting(store: Store, key: str, value: str, now_seconds: int) -> int:
    """Store a setting; how many pools got other rules by it.

    `ConfigurationError` for an unknown key or a value that makes no sense; nothing is changed then.
    """
    before = store.settings.get(key)
    store.settings.set(key, value)
    if key not in RECOMPILING or store.settings.get(key) == before:
        return 0
    return _recompile(store, now_seconds)


def _recompile(store: Store, now_seconds: int) -> int:
    """Compile every stored manifest anew under the settings as they are now."""
    records = store.pools.list()
    texts = [(f"<stored {r.name}>", json.dumps(r.manifest).encode()) for r in records]
    loaded = load(texts, authoring_settings(store))
    results = store.writer.compare(loaded.pools, ())
    changed = [
        pool for pool in loaded.pools if results["SpiderIPPool", "", pool.name] != "unchanged"
    ]
    if store.writer.write(changed, (), {}, now_seconds):
        raise StoreError("the pools changed while they were compiled anew", "set it again")
    return len(changed)
