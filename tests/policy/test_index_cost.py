"""What a lookup and a change cost, counted, not timed: in checks, and in calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from itertools import islice

import pytest

from bench.decide_pools import make_facts, make_pools
from model.facts import Facts, Unknown
from model.rules import Check
from policy.anchors import probes
from policy.index import PoolIndex
from policy.index_check import disagreement
from policy.standing import Known
from tests.policy.test_index import default
from tests.policy.worlds import TEAM_RED, facts


@cache
def index_of(workload: str, number: int) -> PoolIndex:
    return PoolIndex(make_pools(workload, number))


def cost(index: PoolIndex, world: Facts, most: int | None) -> tuple[int, int]:
    """(checks, pools that were found) of a walk to the given number of pools, or to its end."""
    known = Known(world, 4)
    matches = len(list(islice(index.walk(known), most)))
    return known.checks_done, matches


def probed(world: Facts) -> int:
    return len(probes(Known(world, 4))[0])


@pytest.mark.parametrize("number", [100, 1_000, 10_000])
@pytest.mark.parametrize("workload", ["few", "keys"])
def test_the_checks_of_a_lookup_do_not_grow_with_the_pools(workload: str, number: int) -> None:
    for world in make_facts(workload, number):
        checks, matches = cost(index_of(workload, number), world, None)
        assert checks <= 6 * matches + probed(world), (world, checks, matches)


@pytest.mark.parametrize("number", [100, 1_000, 10_000])
def test_the_first_choice_does_not_pay_for_matches_that_nobody_asked_for(number: int) -> None:
    for world in make_facts("many", number):
        checks, _ = cost(index_of("many", number), world, 1)
        assert checks <= 2 * probed(world)


def test_pools_that_share_their_only_requirement_are_barred_in_bulk() -> None:
    index = index_of("barred", 10_000)
    index.prepare()
    for world in make_facts("barred", 10_000, pods=5):
        checks, matches = cost(index, world, None)
        assert matches == 0
        assert checks <= 100


def test_pools_that_all_match_are_not_all_looked_at() -> None:
    index = PoolIndex([default(f"pool-{n}", TEAM_RED) for n in range(5_000)])
    index.prepare()
    checks, matches = cost(index, facts(), 3)
    assert matches == 3
    assert checks <= 20


def test_a_node_that_is_not_known_makes_nobody_look_at_the_pools_of_all_nodes() -> None:
    node_of: list[Check] = [
        ("nodeName", "node.name", "", "in", (f"node{n}",)) for n in range(2_000)
    ]
    app_of: list[Check] = [
        ("podAffinity", "pod.label", "app", "in", ("web" if n % 1_000 == 0 else "db",))
        for n in range(2_000)
    ]
    pools = [
        default(f"pool-{n}", node, app)
        for n, (node, app) in enumerate(zip(node_of, app_of, strict=True))
    ]
    index = PoolIndex(pools)
    world = facts(
        node=Unknown("the Pod's node", "the Pod is not scheduled yet", "name one")
    ).replace(node_name="")
    checks, matches = cost(index, world, None)
    assert matches == 2
    assert checks <= 40


@pytest.mark.parametrize("workload", ["few", "many", "keys", "barred"])
def test_the_workloads_are_answered_as_the_evaluator_does(workload: str) -> None:
    answers = []
    for world in make_facts(workload, 1_000, pods=20):
        assert disagreement(index_of(workload, 1_000), world, 4) == ""
        answers.append(len(index_of(workload, 1_000).best(world, 4, 1_000)))
    assert (max(answers) > 0) is (workload != "barred"), (
        "a workload that decides nothing says nothing"
    )


def calls(work: Callable[[], object]) -> int:
    """How many functions, ours and built-in, are called: a cost that no machine changes."""
    counted = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("workload", ["few", "many", "keys", "barred"])
def test_a_change_costs_the_same_with_ten_pools_as_with_ten_thousand(workload: str) -> None:
    costs = []
    for number in (10, 10_000):
        index = index_of(workload, number)
        changed = make_pools(workload, number)[number // 2]
        costs.append(calls(lambda index=index, changed=changed: index.add(changed)))  # type: ignore[misc]
    assert costs[1] <= costs[0] + 100
