"""Stores to measure on: manifests, and a great many leases at once."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ipam.apply import apply
from model.addresses import address_bytes
from model.intervals import Intervals
from model.leases import Attachment, Claim, Claimed, FamilyClaim, Holder, PoolChoice
from store.create import create_store
from store.repair import rebuild
from store.store import Store

NODE = "n1"
NOW_SECONDS = 1
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


def pod(name: str, ippool: str = "", **labels: str) -> Manifest:
    """A Pod in namespace `default`, whose annotation names an IPv4 pool where one is given."""
    metadata: Manifest = {"name": name, "labels": labels}
    if ippool:
        metadata["annotations"] = {"ipam.spidernet.io/ippool": json.dumps({"ipv4": [ippool]})}
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


def cni_environment(verb: str, container: str, pod_name: str) -> dict[str, str]:
    """The environment that a container runtime gives to a plugin."""
    return {
        "CNI_COMMAND": verb,
        "CNI_CONTAINERID": container,
        "CNI_NETNS": "/var/run/netns/none",
        "CNI_IFNAME": "eth0",
        "CNI_PATH": "/opt/cni/bin",
        "CNI_ARGS": f"K8S_POD_NAMESPACE=default;K8S_POD_NAME={pod_name}",
        "PATH": os.environ["PATH"],
    }


def claim_of(store: Store, container: str, pool_name: str, family: int, prefix_bits: int) -> Claim:
    """A claim of one address of one pool."""
    wanted = FamilyClaim(family, [PoolChoice(pool_name, prefix_bits)])
    attachment = Attachment(NODE, "bench", container, "eth0")
    holder = Holder("default", "web", "", "")
    return Claim(attachment, holder, [wanted], store.pools.rules_digest())


def fill(store: Store, pool_name: str, count: int) -> None:
    """Makes the lowest `count` addresses of an unused pool bound, as as many claims would.

    One real claim is made, and its rows are copied with other numbers, below the bitmap and the
    counts, which are then rebuilt: thousands of times faster than the claims themselves.
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
    rebuild(store)


class _Lowest:
    """The bytes of the n-th lowest address of a pool."""

    def __init__(self, family: int, ranges: Intervals) -> None:
        self._family = family
        self._ranges = ranges

    def __call__(self, place: int) -> bytes:
        for first, last in self._ranges:
            if first + place <= last:
                return address_bytes(self._family, first + place)
            place -= last - first + 1
        raise IndexError("the pool is smaller than that")


def _copy(store: Store, revision: str, count: int, address: _Lowest) -> None:
    """Copies of one lease and its journal row; indexes are taken away meanwhile."""
    database = store.database
    database.connection.create_function("nth_address", 1, address, deterministic=True)
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
