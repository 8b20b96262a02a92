"""StatefulSets: the object, its Pods, and whether an address waits for an ordinal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from model.leases import KEPT
from tests.spiderpool.worlds import PREFIX, Manifest, World, manifest, namespace, node, pod, pool


def stateful_set(replicas: int, pools: Sequence[str], start: int = 0) -> Manifest:
    """StatefulSet default/web."""
    labels = {"app": "web"}
    annotations = {PREFIX + "ippool": json.dumps({"ipv4": list(pools)})}
    spec: dict[str, Any] = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels, "annotations": annotations}},
    }
    if start:
        spec["ordinals"] = {"start": start}
    return manifest("StatefulSet", "web", "apps/v1", metadata={"namespace": "default"}, spec=spec)


def owned_pod(name: str, uid: str, kind: str = "StatefulSet", owner: str = "web") -> Manifest:
    """A Pod that a controller made."""
    reference = {"kind": kind, "name": owner, "uid": "o"}
    return pod(name, uid=uid, pools=["p"], labels={"app": "web"}, owner=reference)


def is_kept(world: World, given: Mapping[str, Any]) -> bool:
    """Whether the address of a Pod waits for its successor after DEL."""
    world.apply(pool({"subnet": "10.0.0.0/24", "ips": ["10.0.0.5"]}), node("node1"))
    world.apply(namespace("default"))
    name = given.get("pod", f"web-{given.get('ordinal')}")
    if given.get("statefulSet", {}) is not None and "ownerKind" not in given:
        world.apply(stateful_set(given.get("replicas", 1), ["p"], given.get("start", 0)))
    if "ownerKind" in given:  # nobody made it: it is its own top controller
        world.apply(pod(name, uid="u", pools=["p"]))
    else:
        world.apply(owned_pod(name, "u"))
    world.allocate(world.request(name, uid="u"))
    world.release(world.request(name, uid="u"))
    (lease,) = world.store.leases.by_pool("p")
    return lease.state == KEPT
