"""Kind `reclaim`: what `reconcile` does with the lease of a Pod in some state, or of none.

The runs see the Pod twice, a grace period apart. There are no endpoint objects to remove (they are
shown from the leases) and no timers beside the runs, so of each case the address alone is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipam.delete import delete_object
from ipam.reconcile import GRACE_SECONDS, reconcile
from model.leases import RESTING
from tests.spiderpool.stateful import owned_pod, stateful_set
from tests.spiderpool.worlds import World, namespace, node, pool

NAME = "web-0"


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The address alone."""
    return {"releaseIP": wanted["releaseIP"]}


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the address is let go of, and whether it is at the first sight."""
    written, endpoint = given["pod"], given.get("endpoint") or {}
    state: Mapping[str, Any] = written or {}
    static = state.get("static", endpoint.get("owner") == "StatefulSet")
    wanted = static and state.get("valid", endpoint.get("valid", True))
    world.apply(node("node1"), namespace("default"))
    world.apply(pool({"subnet": "10.0.0.0/24", "ips": ["10.0.0.5-10.0.0.9"]}))
    if static:
        world.apply(stateful_set(1, ["p"]))
    owner = ("StatefulSet", "web") if static else ("ReplicaSet", "web")
    world.apply(owned_pod(NAME, "u", *owner))
    world.allocate(world.request(NAME, uid="u"))
    if static and not wanted:
        world.apply(stateful_set(0, ["p"]))
    _enter_state(world, written, owner)
    early = _released(world)
    world.tick(GRACE_SECONDS)
    return {"releaseIP": _released(world), "at first sight": early}


def _enter_state(world: World, written: Mapping[str, Any] | None, owner: tuple[str, str]) -> None:
    """The Pod as the API server would show it now."""
    if written is None:
        delete_object(world.store, "Pod", "default", NAME, world.tick())
        return
    pod = owned_pod(NAME, "u" if written.get("uidMatches", True) else "another", *owner)
    if written.get("deleting"):
        pod["metadata"] |= {
            "deletionTimestamp": "2023-11-14T22:13:20Z",
            "deletionGracePeriodSeconds": 0 if written.get("graceOver") else 3600,
        }
    if written["phase"] in ("Succeeded", "Failed"):  # what is restarted does not end
        pod["spec"]["restartPolicy"] = "Never"
    addresses = [{"ip": "10.0.0.5"}] * written.get("podIPs", 0)
    pod["status"] = {"phase": written["phase"], "podIPs": addresses}
    world.apply(pod)


def _released(world: World) -> bool:
    """Run, and look whether the address is nobody's now."""
    reconcile(world.store, None, world.tick())
    (lease,) = world.store.leases.by_pool("p")
    return lease.state == RESTING
