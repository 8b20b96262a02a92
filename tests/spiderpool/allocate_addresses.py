"""Kind `allocate`: the address of an interface, asked for once or again and again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ipam.delete import delete_object
from model.leases import Lease
from tests.spiderpool.stateful import owned_pod, stateful_set
from tests.spiderpool.words import error_in_our_words
from tests.spiderpool.worlds import PREFIX, World, namespace, node, pod, pool, reserved

SUBNET = "10.0.0.0/24"


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Routes as `destination via gateway`; `records` with each address' UID, or their number."""
    words = error_in_our_words(wanted)
    if "routes" in words:
        words["routes"] = [_route_text(route) for route in words["routes"]]
    return words


def _route_text(route: Mapping[str, str] | str) -> str:
    return route if isinstance(route, str) else f"{route['dst']} via {route['gw']}"


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the ADDs of the case answered."""
    if given.get("op") == "pod-alive":
        return _alive(world, given["pod"])
    if given.get("op") == "previous-record":
        return _previous(world, given)
    if given.get("op") == "queue":
        return _queue(world)
    names = _pools(world, given)
    if "reserved" in given:
        world.apply(reserved(*given["reserved"]))
    if "adds" in given:
        return _adds(world, given, names)
    return _once(world, given, names)


def _pools(world: World, given: Mapping[str, Any]) -> list[str] | None:
    """Apply the pools of the case; their names, or None where they are defaults."""
    if "pools" in given:
        pools: dict[str, Any] = given["pools"]
        world.apply(*(pool(spec, name) for name, spec in pools.items()))
        return None if any(spec.get("default") for spec in pools.values()) else list(pools)
    if "candidates" in given:
        world.apply(*(pool(spec, subnet=SUBNET) for spec in given["candidates"]))
        return [spec["name"] for spec in given["candidates"]]
    if given.get("pool", {}) is None:
        return [given["poolName"]]
    written = given.get("pool", {"ips": ["10.0.0.5-10.0.0.9"]})
    manifest = pool(written, subnet=SUBNET)
    if "allocatedIPs" in written:  # as `kubectl get -o yaml` prints it
        manifest["status"] = {"allocatedIPs": written["allocatedIPs"], "totalIPCount": 3}
    world.apply(manifest)
    return ["p"]


def _once(world: World, given: Mapping[str, Any], names: list[str] | None) -> dict[str, Any]:
    """One ADD, or as many as `pods` says, each for a Pod of its own."""
    written = given.get("pod", {})
    space, _, name = written.get("key", "default/p").partition("/")
    annotations = {}
    if "routesAnnotation" in given:
        annotations[PREFIX + "routes"] = json.dumps(given["routesAnnotation"])
    _enter(world, name, space, written.get("uid", ""), names, annotations, given)
    leases: list[Lease] = []
    error = None
    for place in range(given.get("pods", 1)):
        request = world.request(name, space, written.get("uid", ""), sandbox=f"c{place}")
        found, error = world.try_to_allocate(request)
        leases += found
    outcome = _answers(leases) | {"error": error}
    if "reserved" in given:
        delete_object(world.store, "SpiderReservedIP", "", "r")
        _, still = world.try_to_allocate(request)
        outcome["afterDeletingReserved"] = still or "succeeds"
    return outcome


def _enter(
    world: World,
    name: str,
    space: str,
    uid: str,
    names: Sequence[str] | None,
    annotations: Mapping[str, str],
    given: Mapping[str, Any],
) -> None:
    controller = given.get("topController")
    owner = (
        {"kind": controller["kind"], "name": controller["name"], "uid": "o"} if controller else None
    )
    world.apply(
        node("node1"),
        namespace(space),
        pod(name, space, uid, names, annotations=annotations, owner=owner),
    )


def _answers(leases: Sequence[Lease]) -> dict[str, Any]:
    first = leases[0] if leases else None
    return {
        "address": first.answer.address if first else None,
        "gateway": first.answer.gateway if first else None,
        "nic": first.attachment.ifname if first else None,
        "recordKey": first.holder.pod_text if first else None,
        "addresses": [lease.answer.address for lease in leases],
        "routes": [f"{dst} via {gw}" for lease in leases for dst, gw in lease.answer.routes],
    }


def _adds(world: World, given: Mapping[str, Any], names: list[str] | None) -> dict[str, Any]:
    """One ADD after another; a UID has a sandbox of its own, and its Pod is the living one."""
    stateful = given.get("statefulSet")
    if stateful:
        _stateful(world, stateful["replicas"], names)
    leases: list[Lease] = []
    before = None
    for add in given["adds"]:
        name, uid = add.get("pod", "p"), add["uid"]
        if add.get("afterDelete"):
            assert before is not None
            world.release(before)
        made = owned_pod(name, uid) if stateful else pod(name, uid=uid, pools=names)
        world.apply(node("node1"), namespace("default"), made)
        before = world.request(name, uid=uid, sandbox=f"sandbox-of-{uid}")
        leases += world.allocate(before).leases
    held = world.held()
    wanted_number = not any("afterDelete" in add for add in given["adds"])
    outcome = _answers(leases)
    last = leases[-1].holder.pod_uid
    outcome["recordUID"] = last
    outcome["records"] = len(held) if wanted_number and len(set(held.values())) == 1 else held
    return outcome


def _stateful(world: World, replicas: int, names: Sequence[str] | None) -> None:
    """StatefulSet `web`, whose first Pod has taken the first address already."""
    world.apply(stateful_set(replicas, names or ["p"]))
    world.apply(node("node1"), namespace("default"), owned_pod("web-0", "u0"))
    world.allocate(world.request("web-0", uid="u0", sandbox="sandbox-of-u0"))


def _alive(world: World, written: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a Pod in this state gets an address."""
    world.apply(pool({"ips": ["10.0.0.5"]}, subnet=SUBNET))
    world.apply(node("node1"), namespace("default"), living(written))
    _, error = world.try_to_allocate(world.request())
    assert error in (None, "pod-ended")
    return {"alive": error is None}


def living(written: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A Pod with the phase, the restart policy and the deletion that a case names."""
    metadata = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if written.get("deleting") else {}
    spec = {"restartPolicy": written["restartPolicy"]} if "restartPolicy" in written else {}
    status = {key: written[key] for key in ("phase", "reason") if key in written}
    return pod(metadata=metadata, spec=spec, status=status, **{"pools": ["p"], **more})


def _previous(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a Pod gets what is on record, in a pool that has nothing else."""
    world.apply(pool({"subnet": "172.18.40.0/24", "ips": list(given["records"])}), node("node1"))
    for address, record in given["records"].items():
        space, _, name = record["pod"].partition("/")
        uid = record["podUid"]
        world.apply(namespace(space), pod(name, space, uid, ["p"]))
        world.allocate(world.request(name, space, uid, sandbox=address))
    space, _, name = given["key"].partition("/")
    uid = given["uid"]
    world.apply(namespace(space), pod(name, space, uid, ["p"]))
    leases, error = world.try_to_allocate(world.request(name, space, uid, sandbox="another"))
    assert leases or error in ("pool-exhausted", "unknown-facts")
    return {"found": bool(leases)}


def _queue(world: World) -> dict[str, Any]:
    """An ADD while another process writes to the store all the time."""
    world.apply(pool({"ips": ["10.0.0.5"]}, subnet=SUBNET))
    world.apply(node("node1"), namespace("default"), pod(pools=["p"]))
    with world.another_writer():
        _, error = world.try_to_allocate(world.request())
    assert world.held() == {}
    return {"error": error}
