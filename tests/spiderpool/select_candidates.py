"""Kind `select`: which pools are asked for an interface, and who named them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policy.networks import NetworkAnnotationError, nic_names
from tests.spiderpool.words import error_in_our_words
from tests.spiderpool.worlds import PREFIX, World, candidates, namespace, node, pod, pool

SUBNETS = {
    4: ("10.0.0.0/24", "10.0.0.{}", "10.0.0.254"),
    6: ("fd00::/64", "fd00::{}", "fd00::ffff"),
}
SOURCES = {"cni": "cni-config"}  # the others have their upstream name
DEFAULT_ROUTES = ("0.0.0.0/0", "::/0")


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Sources by our names, candidates with both families and an ADD that gets an address."""
    words = error_in_our_words(wanted)
    if "rule" in words:
        words["rule"] = SOURCES.get(words["rule"], words["rule"])
    if "candidates" in words:
        words["failed"] = False
        words["candidates"] = [{"ipv4": [], "ipv6": [], **one} for one in words["candidates"]]
    return words


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """The candidates of every interface of the Pod, or why there are none."""
    op = given.get("op")
    if op == "has-wildcard":
        return {"wildcard": _is_wildcard(world, given["name"])}
    annotations = dict(given.get("podAnnotations", {}))
    pools = dict(given.get("pools", {}))
    if op == "expand":
        annotations[PREFIX + "ippool"] = json.dumps({"ipv4": given["names"]})
        pools |= {name: "v4" for name in given["names"] if not _looks_wild(name)}
    if op == "subnet-annotation":
        annotations |= {PREFIX + key: json.dumps(v) for key, v in given["annotations"].items()}
    _fill(world, given, pools, annotations)
    return _answer(world, given, annotations)


def _looks_wild(name: str) -> bool:
    return any(sign in name for sign in "*?[")


def _is_wildcard(world: World, name: str) -> bool:
    """Whether a name that no pool bears is a pattern without match rather than an unknown pool."""
    _fill(world, {}, {"bystander": "v4"}, {PREFIX + "ippool": json.dumps({"ipv4": [name]})})
    error = world.explain(world.request()).error
    assert error is not None
    return error.code != "unknown-pool"


def _fill(
    world: World, given: Mapping[str, Any], pools: Mapping[str, str], annotations: dict[str, str]
) -> None:
    """Pools in one subnet a family, each with an address and a gateway; the Pod; the settings."""
    for place, (name, words) in enumerate(pools.items(), 1):
        subnet, address, gateway = SUBNETS[6 if "v6" in words else 4]
        spec = {"subnet": subnet, "ips": [address.format(place)], "gateway": gateway}
        world.apply(pool({**spec, "default": "default" in words}, name))
    keyed = {key.replace("-", "_"): v for key, v in given.get("namespaceAnnotations", {}).items()}
    world.apply(node("node1"), namespace("default", **keyed), pod(annotations=annotations))
    for family, key in ((4, "enableIPv4"), (6, "enableIPv6")):  # switched off after the pools
        world.setting(f"enable_ipv{family}", given.get("config", {}).get(key))


def _answer(
    world: World, given: Mapping[str, Any], annotations: Mapping[str, str]
) -> dict[str, Any]:
    cni = {f: given.get("cni", {}).get(f"default_ipv{f}_ippool", []) for f in (4, 6)}
    nic = given.get("nic", "eth0")
    first = world.explain(world.request(nic=nic, cni=cni))
    asked = [_interface(world, name, cni) for name in _nics(annotations, nic)]
    leases, refused = world.try_to_allocate(world.request(nic=nic, cni=cni, sandbox="first"))
    assert refused == (first.error.code if first.error else None), "explain and ADD agree"
    return {
        "candidates": asked,
        "names": asked[0]["ipv4"],
        "wildcard": any(_looks_wild(name) for name in given.get("names", ())),
        "rule": first.families[0].source if first.families else None,
        "error": refused,
        "failed": refused is not None,
        "podStarts": refused is None,
        "podIPs": len(leases),
    }


def _nics(annotations: Mapping[str, str], nic: str) -> list[str]:
    """The interface asked for, then the Pod's others."""
    try:
        named = nic_names(annotations)
    except NetworkAnnotationError:
        named = []
    return [nic, *(name for name in named if name != nic)]


def _interface(world: World, nic: str, cni: Mapping[int, list[str]]) -> dict[str, Any]:
    """The candidates of one interface, and whether its answer lacks the default route."""
    decision = world.explain(world.request(nic=nic, cni=cni))
    leases, _ = world.try_to_allocate(world.request(nic=nic, cni=cni, sandbox=f"for-{nic}"))
    routes = {destination for lease in leases for destination, _ in lease.answer.routes}
    for lease in leases:
        world.release(world.request(nic=lease.attachment.ifname, sandbox=f"for-{nic}"))
    return {
        "nic": nic,
        "ipv4": sorted(c.pool for c in candidates(decision, 4)),
        "ipv6": sorted(c.pool for c in candidates(decision, 6)),
        "cleanGateway": bool(leases) and not routes.intersection(DEFAULT_ROUTES),
    }
