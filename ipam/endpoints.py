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
    """One document a Pod that holds addresses, by namespace and name in natural order.

    Addresses of containers that are no Pods are not among them.
    """
    held: dict[tuple[str, str], list[Lease]] = {}
    for record in store.pools.list():
        for lease in store.leases.by_pool(record.name):
            pod = (lease.holder.pod_namespace, lease.holder.pod_name)
            if lease.state in (BOUND, KEPT) and pod[1] and namespace in (None, pod[0]):
                held.setdefault(pod, []).append(lease)
    keys = sorted(held, key=lambda pod: (natural_key(pod[0]), natural_key(pod[1])))
    return [_document(*pod, held[pod]) for pod in keys]


def _document(namespace: str, name: str, leases: list[Lease]) -> dict[str, Any]:
    """The interface `eth0` comes first, then the others in natural order."""
    interfaces: dict[str, dict[str, Any]] = {}
    order = sorted(
        leases,
        key=lambda lease: (
            lease.attachment.ifname != "eth0",
            natural_key(lease.attachment.ifname),
            lease.family,
        ),
    )
    for lease in order:
        item = interfaces.setdefault(
            lease.attachment.ifname, {"interface": lease.attachment.ifname}
        )
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
                "uid": newest.holder.pod_uid,
                "node": newest.attachment.node,
                "ips": list(interfaces.values()),
            }
        },
    }


def _family_fields(lease: Lease) -> dict[str, str]:
    family = f"ipv{lease.family}"
    fields = {family: lease.answer.address, f"{family}Pool": lease.pool}
    if lease.answer.gateway:
        fields[f"{family}Gateway"] = lease.answer.gateway
    return fields
