"""Pools and Pods to decide about: few matches, many, many label keys, and the index's worst case.

    few      matches a Pod do not grow with the pools: what a cluster with many tenants looks like
    many     every other pool of one of twenty applications: matches grow with the pools
    keys     as few, and each pool forbids one of five hundred further labels
    barred   all pools share their only positive requirement, and none stands

The same seed gives the same pools. A tenth of the Pods match nothing; `barred` Pods never do.
"""

from __future__ import annotations

import random

from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts
from model.pools import ServingPool
from model.rules import RANK_FIELDS, Check, PoolRules

WORKLOADS = ("few", "many", "keys", "barred")
FAMILY: Check = ("", "ip.family", "", "=", ("4",))
_TIERS = ("front", "back", "cache")
_NOISE = 6


def make_pools(workload: str, number: int) -> list[ServingPool]:
    """Default IPv4 pools of a workload, in no order."""
    rng = random.Random(f"{workload} {number}")
    return [_serving(rng, workload, number, place) for place in range(number)]


def make_facts(workload: str, number: int, pods: int = 64) -> list[Facts]:
    """Pods for those pools, each on a known node in a known Namespace."""
    rng = random.Random(f"{workload} {number} pods")
    return [_facts(rng, workload, number, place) for place in range(pods)]


def _sizes(workload: str, number: int) -> tuple[int, int, int]:
    """How many applications, nodes and teams there are."""
    return (20, 20, 8) if workload == "many" else (max(number // 20, 1), 100, 20)


def _serving(rng: random.Random, workload: str, number: int, place: int) -> ServingPool:
    make = _barred if workload == "barred" else _usual
    checks = [FAMILY, *make(rng, workload, number, place)]
    fields = {check[0] for check in checks}
    ranked = tuple(field for field in RANK_FIELDS if field in fields)
    priority = rng.choice((0, 0, 0, 5))
    name = f"pool-{place:06}"
    return ServingPool(PoolRules(name, 4, tuple(checks), ranked, priority, default=True), 0, 24)


def _usual(rng: random.Random, workload: str, number: int, _: int) -> list[Check]:
    apps, nodes, teams = _sizes(workload, number)
    checks: list[Check] = [
        ("podAffinity", "pod.label", "app", "in", (f"app-{rng.randrange(apps)}",)),
        ("podAffinity", "pod.label", "tier", "in", (rng.choice(_TIERS),)),
    ]
    if rng.random() < 0.25:
        checks.append(rng.choice(_EXTRAS))
    if rng.random() < 0.5:
        names = tuple(sorted(f"node-{one}" for one in rng.sample(range(nodes), 3)))
        checks.append(("nodeName", "node.name", "", "in", names))
    if rng.random() < 0.7:
        team = f"team-{rng.randrange(teams)}"
        checks.append(("namespaceAffinity", "namespace.label", "team", "in", (team,)))
    if workload == "keys":
        key, operator = f"key-{rng.randrange(500)}", rng.choice(("not in", "absent"))
        values = (f"value-{rng.randrange(4)}",) if operator == "not in" else ()
        checks.append(("podAffinity", "pod.label", key, operator, values))
    return checks


_EXTRAS: tuple[Check, ...] = (
    ("podAffinity", "pod.label", "track", "not in", ("canary",)),
    ("podAffinity", "pod.label", "legacy", "absent", ()),
    ("podAffinity", "pod.label", "app", "exists", ()),
    ("podAffinity", "pod.label", "track", "in", ("canary", "stable")),
)


def _barred(_: random.Random, __: str, ___: int, place: int) -> list[Check]:
    """One Namespace for all, and each forbids the tier that all Pods have and one of its own."""
    return [
        ("podAffinity", "pod.label", "tier", "not in", ("cache", f"tier-{place}")),
        ("namespaceAffinity", "namespace.label", "team", "in", ("team-0",)),
    ]


def _facts(rng: random.Random, workload: str, number: int, place: int) -> Facts:
    apps, nodes, teams = _sizes(workload, number)
    app = "unheard-of" if place % 10 == 9 else f"app-{rng.randrange(apps)}"
    labels = {f"noise-{one}": f"value-{rng.randrange(9)}" for one in range(_NOISE)}
    labels |= {"app": app, "tier": rng.choice(_TIERS), "track": rng.choice(("canary", "stable"))}
    if workload == "keys":
        labels |= {f"key-{rng.randrange(500)}": f"value-{rng.randrange(4)}" for _ in range(8)}
    if workload == "barred":
        labels["tier"] = "cache"
    team = "team-0" if workload == "barred" else f"team-{rng.randrange(teams)}"
    node, name = f"node-{rng.randrange(nodes)}", f"pod-{place}"
    return Facts(
        "shop",
        name,
        node,
        "eth0",
        PodFacts("shop", name, labels, {"note": "bench"}),
        NamespaceFacts("shop", {"kubernetes.io/metadata.name": "shop", "team": team}, {}),
        NodeFacts(node, {"kubernetes.io/hostname": node, "zone": "a"}),
    )
