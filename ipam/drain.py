"""DRAIN: a pool that hands out nothing more, and goes with its last address.

delete --drain ─> terminating ─(last lease let go of)─> deleted
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from ipam.delete import delete_pool, pool_not_found
from ipam.keeping import end_kept
from model.errors import InUseError, StoreError
from store.store import Store


def drain_pool(store: Store, name: str, now_seconds: int) -> int:
    """Stop new leases of a pool and end its kept ones; how many addresses are still held.

    With 0 the pool is deleted already. Draining twice is a no-op. `NotFoundError` if there is no
    such pool; `StoreError` if it changed meanwhile.
    """
    record = store.pools.get(name)
    if record is None:
        raise pool_not_found(store, name)
    rules = record.serving.rules
    if not rules.terminating:
        draining = record.replace(
            serving=record.serving.replace(rules=rules.replace(terminating=True)),
            manifest=_with_deletion(record.manifest, now_seconds),
        )
        unchanged = {f"SpiderIPPool/{name}": record.revision}
        if store.writer.write([draining], (), unchanged, now_seconds):
            raise StoreError(f"pool `{name}` was changed meanwhile", "repeat the command")
    end_kept(store, name, now_seconds)
    if finish_drains(store, [name]):
        return 0
    return store.pools.usage([name])[name].allocated


def _with_deletion(manifest: Mapping[str, object], now_seconds: int) -> dict[str, object]:
    """The manifest as the API server shows an object that is being deleted."""
    metadata = manifest["metadata"]
    assert isinstance(metadata, Mapping)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_seconds))
    return {**manifest, "metadata": {**metadata, "deletionTimestamp": stamp}}


def finish_drains(store: Store, names: Iterable[str]) -> list[str]:
    """Delete those of the pools that are drained and hold nothing; their names.

    Called after leases were let go of. A pool that is not terminating, or is not there, is left
    alone, and so is one that somebody still holds an address of.
    """
    finished = []
    for name in names:
        record = store.pools.get(name)
        if record is not None and record.serving.rules.terminating:
            try:
                delete_pool(store, name)
            except InUseError:
                continue
            finished.append(name)
    return finished
