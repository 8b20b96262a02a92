"""SpiderEndpoints: what each Pod holds, in the shape in which Spiderpool shows it.

They are made from leases when somebody asks, and are not stored, so they cannot disagree with them.
"""

from __future__ import annotations

from typing import Any

from model.leases import BOUND, KEPT, Lease
from model.naming import natural_key
from policy.resources.spider import API_VERSION
from store.store import Store

KIND = "SpiderEndpoint"


def endpoints(store: Store, namespace: str | None = None) -> list[dict[str, Any]]:
    """One document a Pod (by UID) that holds addresses, by namespace and name in natural order.

    Addresses of containers that are no Pods are not among them.
    """
    held: dict[tuple[str, str, str], list[Lease]] = {}
    for record in store.pools.list():
        for lease in store.leases.by_pool(record.name):
            holder = lease.holder
            here = namespace in (None, holder.pod_namespace)
            if lease.state in (BOUND, KEPT) and holder.pod_name and here:
                key = (holder.pod_namespace, holder.pod_name, holder.pod_uid)
                held.setdefault(key, []).append(lease)
    keys = sorted(held, key=lambda pod: tuple(natural_key(part) for part in pod))
    return [_document(*pod, held[pod]) for pod in keys]


def _document(namespace: str, name: str, uid: str, leases: list[Lease]) -> dict[str, Any]:
    """The interface `eth0` comes first, then the others in natural order.

    A sandbox whose DEL was lost has an item of its own, behind that of the newer one.
    """
    items: dict[tuple[str, str], dict[str, Any]] = {}
    order = sorted(
        leases,
        key=lambda lease: (
            lease.attachment.ifname != "eth0",
            natural_key(lease.attachment.ifname),
            -lease.changed_at_seconds,
            lease.attachment.container_id,
            lease.family,
        ),
    )
    for lease in order:
        key = (lease.attachment.ifname, lease.attachment.container_id)
        item = items.setdefault(key, {"interface": lease.attachment.ifname})
        item |= _family_fields(lease)
        routes = [{"dst": dst, "gw": gw} for dst, gw in lease.answer.routes]
        if routes:
            item.setdefault("routes", []).extend(routes)
    newest = max(leases, key=lambda lease: lease.changed_at_seconds)
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name, "namespace": namespace},
        "status": {
            "current": {
                "uid": uid,
                "node": newest.attachment.node,
                "ips": list(items.values()),
            }
        },
    }


def _family_fields(lease: Lease) -> dict[str, str]:
    family = f"ipv{lease.family}"
    fields = {family: lease.answer.address, f"{family}Pool": lease.pool}
    if lease.answer.gateway:
        fields[f"{family}Gateway"] = lease.answer.gateway
    return fields
