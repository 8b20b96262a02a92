"""Kind `filter`: does a pool remain a candidate for this Pod, and if not, why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipam.drain import drain_pool
from model.decisions import CHOSEN, DISABLED, ELIGIBLE, EXHAUSTED, TERMINATING
from tests.spiderpool.words import error_in_our_words, field_of
from tests.spiderpool.worlds import World, candidates, namespace, node, pod, pool

SPECS = {4: ("10.0.0.0/24", "10.0.0.{}"), 6: ("fd00::/64", "fd00::{}")}
USABLE = (CHOSEN, ELIGIBLE, EXHAUSTED)
STATES = {"terminating": TERMINATING, "disabled": DISABLED}


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A reason becomes the state of the pool, or the field whose check does not hold."""
    words = error_in_our_words(wanted)
    reason = words.pop("reason", "")
    state = next((state for word, state in STATES.items() if reason.startswith(word)), None)
    if state:
        words["outcome"] = state
    elif reason:
        words["failed checks"] = {field_of(reason): True}
    return words


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the pools for this Pod."""
    config = given.get("config", {})
    world.setting("namespace", config.get("agentNamespace"))
    world.setting("cluster_network", config.get("clusterNetwork"))
    pools = given.get("pools") or [given["pool"]]
    errors = world.complaints(*(_pool(one, place) for place, one in enumerate(pools, 1)))
    if errors:
        return {"refused": {error.field: error.code for error in errors}}
    for one in pools:
        if one.get("deleting"):
            _begin_deleting(world, one["name"])
    request = _enter_pod(world, given, [one["name"] for one in pools])
    decision = world.explain(request)
    family = given["family"]
    found = {one.pool: one for one in candidates(decision, family)}
    first = found[pools[0]["name"]]
    _, refused = world.try_to_allocate(request)
    assert refused == (decision.error.code if decision.error else None), "explain and ADD agree"
    return {
        "keep": first.outcome in USABLE,
        "outcome": first.outcome,
        "failed checks": {check.field: True for check in first.failed},
        "failed checks of each": {
            name: [check.field for check in one.failed] for name, one in found.items()
        },
        "remaining": [name for name, one in found.items() if one.outcome in USABLE],
        "error": refused,
    }


def _pool(one: Mapping[str, Any], place: int) -> dict[str, Any]:
    subnet, address = SPECS[one.get("ipVersion", 4)]
    names = [name.lower() for name in one.get("nodeName", ())]
    return pool({**one, "nodeName": names}, subnet=subnet, ips=[address.format(place)])


def _begin_deleting(world: World, name: str) -> None:
    """Delete a pool that has a lease: it goes with its last one."""
    world.apply(node("node1"), pod("holder", pools=[name]))
    world.allocate(world.request("holder", sandbox="holder"))
    assert drain_pool(world.store, name, world.tick()) == 1


def _enter_pod(world: World, given: Mapping[str, Any], names: list[str]) -> Any:
    """The Pod, its Node, its Namespace and its controller; gives back its request.

    An owner is always in its Pod's namespace, so the controller's namespace is the Pod's.
    """
    written, controller = given["pod"], given.get("topController")
    space = controller["namespace"] if controller else written["namespace"]
    labels = given.get("namespaceLabels", {})
    world.apply(
        *(
            node(name, own)
            for name, own in given.get("nodeLabels", {written["nodeName"]: {}}).items()
        ),
        namespace(space, labels.get(written["namespace"])),
        pod(
            written["name"],
            space,
            pools=names,
            labels=written.get("labels"),
            annotations=written.get("annotations"),
            owner=_owner(controller, written["name"]),
            node_name=written["nodeName"],
        ),
    )
    return world.request(written["name"], space, nic=given["nic"])


def _owner(controller: Mapping[str, str] | None, pod_name: str) -> dict[str, str] | None:
    """What the Pod names as its controller: a Deployment's Pod names its ReplicaSet."""
    if controller is None or controller["name"] == pod_name:
        return None
    kind = {"Deployment": "ReplicaSet", "CronJob": "Job"}.get(controller["kind"])
    name = controller["name"] + ("-5d4f8c7b9" if kind else "")
    return {"kind": kind or controller["kind"], "name": name, "uid": "o"}
