"""Changing a setting, and compiling anew what depends on it."""

from __future__ import annotations

import json

from model.errors import StoreError
from policy.load import load
from policy.settings import AuthoringSettings
from store.store import Store

RECOMPILING = ("namespace",)  # a `multusName` without namespace compiles to this setting


def change_setting(store: Store, key: str, value: str, now_seconds: int) -> int:
    """Store a setting; how many pools got other rules by it.

    `ConfigurationError` for an unknown key or a value that makes no sense; nothing is changed then.
    The pools are written before the setting, and compiling again is a no-op, so a process that dies
    between the two is mended by setting the value once more.
    """
    store.settings.check(key, value)
    changed = _recompile(store, value, now_seconds) if key in RECOMPILING else 0
    store.settings.set(key, value)
    return changed


def _recompile(store: Store, install_namespace: str, now_seconds: int) -> int:
    """Compile every stored manifest for another `namespace`, of families switched off, too."""
    records = [r for r in store.pools.list() if not r.serving.rules.terminating]
    texts = [(f"<stored {r.name}>", json.dumps(r.manifest).encode()) for r in records]
    loaded = load(texts, AuthoringSettings(install_namespace))
    results = store.writer.compare(loaded.pools, ())
    changed = [p for p in loaded.pools if results["SpiderIPPool", "", p.name] != "unchanged"]
    if store.writer.write(changed, (), {}, now_seconds):
        raise StoreError("the pools changed while they were compiled anew", "set it again")
    return len(changed)
