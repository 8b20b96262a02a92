"""Kind `release`: DEL, and who may have the address afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipam.delete import delete_object, delete_pool
from model.addresses import address_text
from model.errors import InUseError, StoreError
from model.leases import BOUND, RESTING
from tests.spiderpool.stateful import is_kept
from tests.spiderpool.words import error_in_our_words
from tests.spiderpool.worlds import World, namespace, node, pod, pool

SUBNETS = {"172.18.40": "172.18.40.0/24", "10.0.0": "10.0.0.0/24"}


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Errors by code; `records` as the case has them."""
    return error_in_our_words(wanted)


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the DELs of the case left behind."""
    op = given.get("op")
    if op == "sts-valid":
        return {"valid": is_kept(world, given)}
    if op == "refresh":
        return _refresh(world, given)
    if "records" in given:
        return _by_records(world, given)
    return _one_pod(world, given)


def _hold(world: World, records: Mapping[str, Mapping[str, str]]) -> None:
    """Pool `p` with these addresses, each bound for its Pod in the sandbox of its UID."""
    world.apply(node("node1"))
    for place, (address, record) in enumerate(records.items(), 1):
        subnet = SUBNETS[address.rpartition(".")[0]]
        world.apply(pool({"subnet": subnet, "ips": list(records)[:place]}))
        space, _, name = record["pod"].partition("/")
        uid = record["podUid"]
        world.apply(namespace(space), pod(name, space, uid, ["p"]))
        leases = world.allocate(world.request(name, space, uid, f"sandbox-of-{uid}")).leases
        assert leases[0].answer.address.startswith(f"{address}/")


def _records(world: World) -> dict[str, dict[str, str]]:
    """The bound leases of the pool as upstream writes its records."""
    return {
        address_text(lease.family, lease.address): {
            "pod": lease.holder.pod_text,
            "podUid": lease.holder.pod_uid,
        }
        for lease in world.store.leases.by_pool("p")
        if lease.state == BOUND
    }


def _by_records(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    _hold(world, given["records"])
    error = None
    for one in given["release"]:
        error = _release(world, one["uid"], given.get("statusUpdate", "")) or error
    return {"records": _records(world), "error": error, "failed": error is not None}


def _release(world: World, uid: str, trouble: str) -> str | None:
    """DEL of the sandbox of this UID, while the store is in trouble; the error's code."""
    request = world.request(sandbox=f"sandbox-of-{uid}")
    try:
        if "conflict" in trouble:
            with world.another_writer():
                world.release(request)
        elif trouble:
            world.store.database.run("PRAGMA query_only = ON")
            world.release(request)
        else:
            world.release(request)
    except StoreError as error:
        return error.code
    return None


def _refresh(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """A Pod comes back under a new UID for what its pool has on record."""
    if given.get("pool", {}) is None:
        _hold(world, {"10.0.0.5": {"pod": "default/pod", "podUid": "u"}})
        try:
            delete_pool(world.store, "p")
        except InUseError as refused:
            return {"error": refused.code}
        return {"error": None}
    _hold(world, given["records"])
    space, _, name = given["key"].partition("/")
    world.apply(namespace(space), pod(name, space, given["uid"], ["p"]))
    _, error = world.try_to_allocate(world.request(name, space, given["uid"], "another"))
    return {"error": error, "records": _records(world)}


def _one_pod(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """One Pod with one address, and its DEL."""
    uid = given.get("uid", "u")
    real = given.get("endpointUID", uid)
    _hold(world, {"10.0.0.5": {"pod": "default/p", "podUid": real}})
    if given.get("pool", {}).get("disable"):
        world.apply(pool({"subnet": "10.0.0.0/24", "ips": ["10.0.0.5"], "disable": True}))
    if given.get("podAlive") is False or given.get("deploymentDeleted"):
        delete_object(world.store, "Pod", "default", "p")
    before = _records(world)
    world.release(world.request(uid=uid, sandbox=f"sandbox-of-{uid}", nic=given.get("nic", "eth0")))
    after = _records(world)
    (lease,) = world.store.leases.by_pool("p")
    outcome: dict[str, Any] = {
        "records": "unchanged" if after == before else after,
        "recordsRemoved": after == {},
        "error": None,
        "resting": lease.state == RESTING,
    }
    if given.get("podAlive"):
        again = world.allocate(world.request(uid=uid, sandbox="the next sandbox"))
        outcome["again"] = [one.answer.address for one in again.leases]
    return outcome
