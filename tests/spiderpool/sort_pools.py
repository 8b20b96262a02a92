"""Kind `sort`: the order in which pools that all match are tried."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.spiderpool.worlds import World, candidates, namespace, node, pod, pool

TERMS = {"app": "web", "tier": "front", "track": "stable"}
FIELDS: dict[str, Any] = {
    "podAffinity": {"matchLabels": {"app": "web"}},
    "nodeName": ["node1"],
    "nodeAffinity": {"matchLabels": {"zone": "a"}},
    "namespaceName": ["default"],
    "namespaceAffinity": {"matchLabels": {"team": "x"}},
    "multusName": ["kube-system/macvlan0"],
}
COUNTED = re.compile(r"(\w+)\((\d) terms?\)")


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """As it stands; an unspecified order is an exception."""
    return dict(wanted)


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """The pools in rank order, listed as given and the other way round."""
    world.setting("cluster_network", "kube-system/macvlan0")
    pools = given["pools"]
    for place, one in enumerate(pools, 1):
        world.apply(pool(_spec(one, place), one["name"]))
    world.apply(node("node1", {"zone": "a"}), namespace("default", {"team": "x"}))
    names = {one["name"].lower(): one["name"] for one in pools}
    return {
        "order": [names[name] for name in _ranked(world, list(names))],
        "order if reversed": [names[name] for name in _ranked(world, list(names)[::-1])],
    }


def _spec(one: Mapping[str, Any], place: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"subnet": "10.0.0.0/24", "ips": [f"10.0.0.{place}"]}
    for text in one["set"]:
        counted = COUNTED.fullmatch(text)
        if counted:
            terms = dict(list(TERMS.items())[: int(counted[2])])
            spec[counted[1]] = {"matchLabels": terms}
        else:
            spec[text] = FIELDS[text]
    return spec


def _ranked(world: World, names: list[str]) -> list[str]:
    world.apply(pod(pools=names, labels=TERMS))
    found = candidates(world.explain(world.request()))
    assert all(one.rank for one in found), "every pool of these cases matches"
    leases = [world.allocate(world.request(sandbox=name)).leases[0] for name in names]
    given_out = [lease.pool for lease in leases]  # each pool has one address, best pool first
    assert given_out == [one.pool for one in found]
    for name in names:
        world.release(world.request(sandbox=name))
    world.tick(120)
    return given_out
