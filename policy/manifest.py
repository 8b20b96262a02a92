"""A pool as it is kept and shown: plain JSON, defaults filled in, nulls left out."""

from __future__ import annotations

from typing import Any

from policy.pool_spec import PoolSpec
from policy.resources.spider import API_VERSION


def pool_manifest(pool: PoolSpec) -> dict[str, Any]:
    """The manifest of a valid pool. What a server writes (status, uid, ...) is not in it."""
    metadata: dict[str, Any] = {"name": pool.name}
    if pool.labels:
        metadata["labels"] = dict(pool.labels)
    if pool.annotations:
        metadata["annotations"] = dict(pool.annotations)
    if pool.deleted_at:
        metadata["deletionTimestamp"] = pool.deleted_at
    return {
        "apiVersion": API_VERSION,
        "kind": "SpiderIPPool",
        "metadata": metadata,
        "spec": _spec(pool),
    }


def _spec(pool: PoolSpec) -> dict[str, Any]:
    selectors = {
        "podAffinity": pool.pod_affinity,
        "nodeAffinity": pool.node_affinity,
        "namespaceAffinity": pool.namespace_affinity,
    }
    optional: dict[str, Any] = {
        "ips": list(pool.ips.texts),
        "excludeIPs": list(pool.exclude.texts),
        "gateway": pool.gateway,
        "routes": [{"dst": dst, "gw": gw} for dst, gw in pool.written_routes],
        "nodeName": list(pool.node_name),
        "namespaceName": list(pool.namespace_name),
        "multusName": list(pool.multus_name),
    }
    return {
        "ipVersion": pool.subnet.family,
        "subnet": pool.subnet.text,
        "default": pool.default,
        "disable": pool.disable,
        **{field: value for field, value in optional.items() if value},
        **{field: each.to_json() for field, each in selectors.items() if each is not None},
    }
