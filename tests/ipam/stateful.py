"""A StatefulSet shop/db, its Pods, and calls for them, on a real store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ipam.allocate import allocate
from ipam.apply import apply
from ipam.explain import explain
from ipam.release import release
from ipam.request import Request
from model.addresses import address_text
from model.decisions import Decision
from model.leases import Attachment, Lease
from store.store import Store
from tests.ipam.calls import NOW

SET = "db"


def document(kind: str, name: str, namespace: str | None = "shop", **rest: Any) -> str:
    version = {"StatefulSet": "apps/v1"}.get(kind, "v1")
    metadata = {"name": name, **rest.pop("metadata", {})}
    if namespace:
        metadata["namespace"] = namespace
    return (
        "---\n"
        + json.dumps({"apiVersion": version, "kind": kind, "metadata": metadata, **rest})
        + "\n"
    )


def stateful_set(replicas: int | None = 3, start: int | None = None, name: str = SET) -> str:
    spec: dict[str, Any] = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}},
    }
    if replicas is not None:
        spec["replicas"] = replicas
    if start is not None:
        spec["ordinals"] = {"start": start}
    return document("StatefulSet", name, spec=spec)


def pod(
    name: str,
    uid: str = "",
    pools: Sequence[str] = ("a",),
    v6: Sequence[str] = (),
    owner: str | None = SET,
    **rest: Any,
) -> str:
    """A Pod of the StatefulSet (`owner` None: of nobody) that names its pools; none: no list."""
    metadata: dict[str, Any] = {"uid": uid} if uid else {}
    named = {"ipv4": list(pools), "ipv6": list(v6)}
    if pools or v6:
        metadata["annotations"] = {"ipam.spidernet.io/ippool": json.dumps(named)}
    if owner:
        reference = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": owner, "uid": "s"}
        metadata["ownerReferences"] = [{**reference, "controller": True}]
    return document("Pod", name, metadata=metadata, **rest)


def node(name: str, **labels: str) -> str:
    return document("Node", name, None, metadata={"labels": labels})


def write(store: Store, *documents: str, now: int = NOW) -> None:
    apply(store, [("test.yaml", "".join(documents).encode())], now)


def place(container: str, on: str = "node1", nic: str = "eth0") -> Attachment:
    return Attachment(on, "net0", container, nic)


def request(
    name: str, container: str, uid: str = "", on: str = "node1", nic: str = "eth0"
) -> Request:
    return Request(place(container, on, nic), "shop", name, uid)


def add(
    store: Store, name: str, container: str, uid: str = "", now: int = NOW, **more: Any
) -> tuple[str, ...]:
    """How an ADD was served, and its addresses."""
    done = allocate(store, request(name, container, uid, **more), now)
    return done.how, *texts(done.leases)


def remove(store: Store, container: str, now: int = NOW, **more: Any) -> list[str]:
    """What a DEL let go of."""
    return texts(release(store, place(container, **more), now))


def restart(store: Store, name: str, uid: str, now: int = NOW, **more: Any) -> tuple[str, ...]:
    """The StatefulSet's controller made the Pod anew: the store knows its UID, an ADD comes."""
    write(store, pod(name, uid, **more.pop("pod", {})), now=now)
    return add(store, name, f"c-{uid}", uid, now, **more)


def explained(
    store: Store, name: str, uid: str = "", now: int = NOW, on: str = "node1"
) -> Decision:
    return explain(store, request(name, "", uid, on), now)


def texts(leases: Sequence[Lease]) -> list[str]:
    return [address_text(lease.family, lease.address) for lease in leases]


def held(store: Store, *pools: str) -> dict[str, str]:
    """Address to state, of all leases of the pools."""
    return {
        address_text(lease.family, lease.address): lease.state
        for name in pools or ("a",)
        for lease in store.leases.by_pool(name)
    }


def history(store: Store, text: str) -> list[tuple[str, str]]:
    """(event, decision or reason) of an address."""
    family = 6 if ":" in text else 4
    lease = [
        one
        for name in store.pools.names(family)
        for one in store.leases.by_pool(name)
        if address_text(family, one.address) == text
    ]
    return [(one.event, one.decision) for one in store.journal.of_address(family, lease[0].address)]
