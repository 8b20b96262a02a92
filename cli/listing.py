"""What `get` lists: items, and the columns of each kind.

A heading that starts with `+` is shown by `-o wide` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ipam.endpoints import KIND as ENDPOINT
from ipam.endpoints import endpoints
from model.addresses import address_text
from model.pools import PoolRecord, PoolUsage
from store.store import Store


@dataclass(frozen=True)
class Item:
    """One object: its identity, its labels, and the document that `-o yaml` prints."""

    namespace: str
    name: str
    document: Mapping[str, object]
    seen_at_seconds: int
    labels: Mapping[str, str] = field(default_factory=dict)


def items_of(store: Store, kind: str, namespace: str | None) -> list[Item]:
    """All objects of a kind, of one namespace or of all (None), in natural order of name."""
    if kind == "SpiderIPPool":
        records = store.pools.list()
        usage = store.pools.usage([record.name for record in records])
        return [pool_item(record, usage[record.name]) for record in records]
    if kind == ENDPOINT:
        return [
            Item(d["metadata"]["namespace"], d["metadata"]["name"], d, 0)
            for d in endpoints(store, namespace)
        ]
    return [
        Item(r.namespace, r.name, r.manifest, r.seen_at_seconds, _labels(r.manifest))
        for r in store.objects.list(kind, namespace)
    ]


def pool_item(record: PoolRecord, usage: PoolUsage) -> Item:
    """A pool with its status counts, as the API server would show it."""
    document = {
        **record.manifest,
        "status": {"totalIPCount": usage.total, "allocatedIPCount": usage.allocated},
    }
    return Item("", record.name, document, record.created_at_seconds, _labels(record.manifest))


def rows_of(store: Store, kind: str, items: list[Item], now_seconds: int) -> list[dict[str, str]]:
    """One row of columns an item."""
    if kind == "SpiderIPPool":
        return [pool_row(item) for item in items]
    if kind == "SpiderReservedIP":
        return [_reserved_row(item) for item in items]
    if kind == ENDPOINT:
        return [_endpoint_row(item) for item in items]
    rows = []
    for item in items:
        row = {"NAME": item.name}
        if kind == "Pod":
            row |= _pod_cells(store, item)
        rows.append(row | {"AGE": age(now_seconds - item.seen_at_seconds)})
    return rows


def pool_row(item: Item) -> dict[str, str]:
    """Spiderpool's printed columns."""
    spec, status = _mapping(item.document, "spec"), _mapping(item.document, "status")
    return {
        "NAME": item.name,
        "VERSION": str(spec.get("ipVersion", "")),
        "SUBNET": str(spec.get("subnet", "")),
        "ALLOCATED-IP-COUNT": str(status["allocatedIPCount"]),
        "TOTAL-IP-COUNT": str(status["totalIPCount"]),
        "DEFAULT": _boolean(spec.get("default")),
        "+DISABLE": _boolean(spec.get("disable")),
        "+TERMINATING": _boolean(_mapping(item.document, "metadata").get("deletionTimestamp")),
        "+NODENAME": _joined(spec.get("nodeName")),
        "+MULTUSNAME": _joined(spec.get("multusName")),
        "+NAMESPACENAME": _joined(spec.get("namespaceName")),
    }


def _reserved_row(item: Item) -> dict[str, str]:
    spec = _mapping(item.document, "spec")
    return {
        "NAME": item.name,
        "VERSION": str(spec.get("ipVersion", "")),
        "+IPS": _joined(spec.get("ips")),
    }


def _endpoint_row(item: Item) -> dict[str, str]:
    """Spiderpool's printed columns, which speak of the first interface."""
    current = item.document["status"]["current"]  # type: ignore[index]
    first = current["ips"][0]
    return {
        "NAME": item.name,
        "INTERFACE": first["interface"],
        "IPV4POOL": first.get("ipv4Pool", ""),
        "IPV4": first.get("ipv4", ""),
        "IPV6POOL": first.get("ipv6Pool", ""),
        "IPV6": first.get("ipv6", ""),
        "NODE": current["node"],
    }


def _pod_cells(store: Store, item: Item) -> dict[str, str]:
    leases = store.leases.by_pod(item.namespace, item.name)
    spec = _mapping(item.document, "spec")
    return {
        "IP": ",".join(address_text(lease.family, lease.address) for lease in leases),
        "NODE": str(spec.get("nodeName") or (leases[0].attachment.node if leases else "")),
        "+POOL": ",".join(lease.pool for lease in leases),
    }


def age(seconds: int) -> str:
    """Short ages as kubectl prints them: `52s`, `6m3s`, `5h`, `12d`."""
    seconds = max(0, seconds)
    if seconds < 120:
        return f"{seconds}s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // 1440}d"


def _labels(manifest: Mapping[str, object]) -> Mapping[str, str]:
    labels = _mapping(manifest, "metadata").get("labels")
    return labels if isinstance(labels, Mapping) else {}


def _mapping(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _joined(value: object) -> str:
    return ",".join(str(entry) for entry in value) if isinstance(value, list) else ""
