"""Stores to measure on: manifests, and a great many leases at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.operations import NODE, NOW_SECONDS, claim_of
from ipam.apply import apply
from model.addresses import address_bytes, address_text
from model.intervals import Intervals
from model.leases import Claimed
from store.create import create_store
from store.repair import bitmap, counts, ranges
from store.store import Store

Manifest = dict[str, Any]


def pool(name: str, *ips: str, subnet: str = "", default: bool = False, **labels: str) -> Manifest:
    """A SpiderIPPool, for Pods with these labels if there are any; by default in 10.0.0.0/8."""
    spec: Manifest = {"subnet": subnet or "10.0.0.0/8", "ips": list(ips)}
    if default:
        spec["default"] = True
    if labels:
        spec["podAffinity"] = {"matchLabels": labels}
    return {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderIPPool",
        "metadata": {"name": name},
        "spec": spec,
    }


def pod(name: str, ippool: str = "", family: int = 4, **labels: str) -> Manifest:
    """A Pod in namespace `default`, whose annotation names a pool where one is given."""
    metadata: Manifest = {"name": name, "labels": labels}
    if ippool:
        wanted = json.dumps({f"ipv{family}": [ippool]})
        metadata["annotations"] = {"ipam.spidernet.io/ippool": wanted}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}


def namespace(name: str = "default") -> Manifest:
    """A Namespace, which decides for Pods that name no pool."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def make_store(db: Path, manifests: Sequence[Manifest], quarantine_seconds: int = 0) -> None:
    """A new store with these manifests applied."""
    documents = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
    with create_store(db) as store:
        store.settings.set("quarantine_seconds", str(quarantine_seconds))
        apply(store, [("bench", json.dumps(documents).encode())], NOW_SECONDS)


def network(db: Path) -> Manifest:
    """The CNI configuration of a plugin that uses this store."""
    ipam = {"type": "poolweaver", "db": str(db), "node_name": NODE, "log_level": "error"}
    return {"cniVersion": "1.0.0", "name": "bench", "type": "bridge", "ipam": ipam}


def fill(store: Store, pool_name: str, count: int) -> None:
    """Makes the lowest `count` addresses of an unused pool bound, as as many claims would.

    One real claim is made, its rows are copied with other numbers, and what is derived from leases
    is then written anew: many times faster than the claims themselves.
    """
    record = store.pools.get(pool_name)
    assert record is not None
    if count == 0:
        return
    family = record.serving.rules.family
    claim = claim_of(store, "held-0", pool_name, family, record.serving.prefix_bits)
    (outcome,) = store.leases.execute([claim], NOW_SECONDS)
    assert isinstance(outcome, Claimed)
    _copy(store, outcome.leases[0].revision, count, _Lowest(family, record.ranges))
    with store.database.transaction():
        for derived in (ranges, bitmap, counts):
            derived.mend(store.database)


class _Lowest:
    """The n-th lowest address of a pool, as bytes and as text."""

    def __init__(self, family: int, ranges: Intervals) -> None:
        self._family = family
        self._ranges = ranges

    def as_bytes(self, place: int) -> bytes:
        """In network byte order."""
        return address_bytes(self._family, self._number(place))

    def as_text(self, place: int) -> str:
        """As an answer has it."""
        return address_text(self._family, self._number(place))

    def _number(self, place: int) -> int:
        for first, last in self._ranges:
            if first + place <= last:
                return first + place
            place -= last - first + 1
        raise IndexError("the pool is smaller than that")


def _copy(store: Store, revision: str, count: int, address: _Lowest) -> None:
    """Copies of one lease and its journal row; indexes are taken away meanwhile."""
    database = store.database
    for name, function in (("nth_address", address.as_bytes), ("nth_text", address.as_text)):
        database.connection.create_function(name, 1, function, deterministic=True)
    with database.transaction():
        indexes = database.rows(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name IN ('lease', 'journal')"
        )
        for name, _ in indexes:
            database.run(f"DROP INDEX {name}")
        for table, key in (("journal", "id"), ("lease", "revision")):
            _copy_row(store, table, key, int(revision), count)
        for _, sql in indexes:
            database.run(sql)


def _copy_row(store: Store, table: str, key: str, revision: int, count: int) -> None:
    new = {
        "id": "id + n",
        "revision": "revision + n",
        "claim": "claim + n",
        "address": "nth_address(n)",
        "answer": "replace(answer, nth_text(0) || '/', nth_text(n) || '/')",
        "container_id": "'held-' || n",
        "pod_name": "'web-' || n",
    }
    columns = [row[1] for row in store.database.rows(f"PRAGMA table_info({table})")]
    values = ", ".join(new.get(column, column) for column in columns)
    store.database.run(
        f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers "
        f"WHERE n + 1 < ?1) INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
        f"FROM numbers JOIN {table} ON {key} = ?2 WHERE ?1 > 1",
        (count, revision),
    )
