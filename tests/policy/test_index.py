"""The index: the same answers as the evaluator, at a cost that does not grow with the pools."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.facts import Facts, Unknown
from model.pools import ServingPool
from model.rules import Check, PoolRules
from policy.index import PoolIndex
from policy.index_check import disagreement
from policy.ranks import sort_key
from policy.standing import Known
from tests.policy.random_rules import rules, suited, worlds
from tests.policy.worlds import APP_DB, APP_WEB, SHOP, ZONE_A, facts, pool

SIZES = st.sampled_from([(64, 512), (0, 2), (1, 3), (4, 8)])
FAMILIES = st.sampled_from([4, 6])
NO_NODE = Unknown("node node1", "no such Node was applied", "apply it")


def serving(one: PoolRules) -> ServingPool:
    return ServingPool(one, 0, 24)


def default(name: str, *checks: Check, priority: int = 0, disabled: bool = False) -> ServingPool:
    return serving(pool(name, *checks, priority=priority, disabled=disabled).replace(default=True))


def found(
    index: PoolIndex, world: Facts, family: int = 4, after: bytes = b""
) -> list[tuple[str, bool | None]]:
    return [(one.rules.name, verdict) for one, verdict in index.walk(Known(world, family), after)]


World = tuple[Facts, list[PoolRules]]


@given(worlds(), FAMILIES, SIZES)
def test_the_index_gives_what_the_evaluator_gives(
    drawn: World, family: int, sizes: tuple[int, int]
) -> None:
    world, pools = drawn
    index = PoolIndex(map(serving, pools), *sizes)
    assert disagreement(index, world, family) == ""


@given(worlds(), st.data(), FAMILIES, SIZES, st.booleans())
def test_an_index_that_was_changed_is_one_built_at_once(
    drawn: World, data: st.DataObject, family: int, sizes: tuple[int, int], looking: bool
) -> None:
    world, first = drawn
    names = st.sampled_from([one.name for one in first] or ["nobody"])
    changed = rules(names).map(lambda one: suited(one, world, 0))
    made: list[PoolRules | str] = [
        *first,
        *data.draw(st.lists(st.one_of(names, changed), max_size=15)),
    ]
    index = PoolIndex((), *sizes)
    pools: dict[str, PoolRules] = {}
    for change in made:
        if isinstance(change, str):
            index.remove(change)
            pools.pop(change, None)
        else:
            index.add(serving(change))
            pools[change.name] = change
        if looking:  # bits made by a lookup do not outlive the next change
            found(index, world, family)
    assert len(index) == len(pools)
    assert {one.rules.name: one.rules for one in index.pools()} == pools
    assert disagreement(index, world, family) == ""
    built = PoolIndex(map(serving, pools.values()), *sizes)
    built.prepare()
    assert found(index, world, family) == found(built, world, family)


@given(worlds(), SIZES, st.integers(0, 5), st.data())
def test_a_walk_goes_on_behind_any_pool(
    drawn: World, sizes: tuple[int, int], most: int, data: st.DataObject
) -> None:
    world, pools = drawn
    index = PoolIndex(map(serving, pools), *sizes)
    whole = found(index, world)
    assert [(one.rules.name, verdict) for one, verdict in index.best(world, 4, most)] == whole[
        :most
    ]
    if whole:
        place = data.draw(st.integers(0, len(whole) - 1))
        last = index.get(whole[place][0])
        assert last is not None
        assert found(index, world, after=sort_key(last.rules)) == whole[place + 1 :]


def test_names_are_found_whether_default_or_not() -> None:
    index = PoolIndex([default("a"), serving(pool("b")), serving(pool("c", family=6))])
    assert sorted(index.names(4)) == ["a", "b"]
    assert index.names(6) == ["c"]
    assert index.get("b") == serving(pool("b"))
    assert index.get("d") is None
    assert found(index, facts()) == [("a", True)]


def test_a_removed_pool_is_found_no_more_and_removing_it_again_is_nothing() -> None:
    index = PoolIndex([default("a", APP_WEB), default("b")])
    index.remove("a")
    index.remove("a")
    assert found(index, facts()) == [("b", True)]


def test_a_pool_that_is_switched_off_leaves_the_index_and_comes_back() -> None:
    index = PoolIndex([default("a", APP_WEB)])
    index.add(default("a", APP_WEB, disabled=True))
    assert found(index, facts()) == []
    index.add(default("a", APP_WEB))
    assert found(index, facts()) == [("a", True)]


def test_an_undecided_pool_stands_at_its_place() -> None:
    index = PoolIndex(
        [default("plain"), default("zoned", ZONE_A, SHOP), default("db", ZONE_A, APP_DB)]
    )
    assert found(index, facts(node=NO_NODE)) == [("zoned", None), ("plain", True)]


@pytest.mark.parametrize("sizes", [(64, 512), (0, 2)])
def test_a_disagreement_is_told(sizes: tuple[int, int]) -> None:
    class Forgetful(PoolIndex):
        def walk(self, known: Known, after: bytes = b""):  # type: ignore[no-untyped-def]
            return islice(super().walk(known, after), 1, None)

    index = Forgetful([default("a"), default("zoned", ZONE_A)], *sizes)
    assert disagreement(index, facts(node=NO_NODE), 4) == (
        "the index gives `a` at rank 1, the evaluator `zoned` (undecided)"
    )
    assert disagreement(Forgetful([default("a")]), facts(), 4) == (
        "the index gives no more pool at rank 1, the evaluator `a`"
    )


TIER: Check = ("podAffinity", "pod.label", "tier", "not in", ("cache",))
HAS_TEAM: Check = ("namespaceAffinity", "namespace.label", "team", "exists", ())


def many(*checks: Check, number: int = 20) -> list[ServingPool]:
    """Pools that differ in their names alone, so that they share one long posting."""
    return [default(f"pool-{n}", *checks) for n in range(number)]


def test_a_long_posting_that_was_looked_at_takes_changes() -> None:
    index = PoolIndex(many(APP_WEB, TIER))
    names = [f"pool-{n}" for n in range(20)]
    assert found(index, facts()) == [(name, True) for name in names]
    index.add(default("pool-7", APP_WEB, APP_DB))
    assert found(index, facts()) == [(name, True) for name in names if name != "pool-7"]
    index.remove("pool-3")
    assert found(index, facts()) == [
        (name, True) for name in names if name not in ("pool-3", "pool-7")
    ]
    index.add(default("pool-3", APP_WEB, ("podAffinity", "pod.label", "tier", "in", ("cache",))))
    cache = facts(labels={"app": "web", "tier": "cache"})
    assert found(index, cache) == [("pool-3", True)]


def test_the_bits_of_a_posting_follow_what_is_added_and_removed() -> None:
    """Every other pool is barred: bits that stood for the old places would bar the wrong ones."""
    index = PoolIndex(
        [default(f"pool-{n}", APP_WEB, *([TIER] if n % 2 else [])) for n in range(20)]
    )
    cache = facts(labels={"app": "web", "tier": "cache"})
    even = [(f"pool-{n}", True) for n in range(0, 20, 2)]
    assert found(index, cache) == even
    index.add(default("first", APP_WEB))
    assert found(index, cache) == [("first", True), *even]
    index.remove("first")
    assert found(index, cache) == even


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        (HAS_TEAM, True),
        (("", "namespace.label", "other", "exists", ()), False),
        (("", "namespace.label", "team", "absent", ()), False),
        (("", "namespace.label", "other", "absent", ()), True),
        (("", "namespace.label", "team", "not in", ("red", "blue")), False),
        (("", "namespace.label", "team", "not in", ("blue",)), True),
        (("", "namespace.label", "team", "matches", ("r*",)), True),
        (("", "namespace.label", "team", "matches", ("b*",)), False),
        (("", "namespace.label", "team", "in", tuple(sorted(map(str, range(99))))), False),
        (("", "ip.family", "", "=", ("6",)), False),
    ],
)
def test_a_long_posting_bars_what_fails_and_nothing_else(check: Check, holds: bool) -> None:
    pools = many(APP_WEB, number=200)  # so that `app` is no rarer than what is checked
    odd = default("odd", APP_WEB, check, priority=1)
    wanted = [("odd", True)] if holds else []
    assert found(PoolIndex([*pools, odd]), facts())[: len(wanted)] == wanted
    sharing = many(APP_WEB, check)
    assert len(found(PoolIndex(sharing), facts())) == (20 if holds else 0)


def test_two_requirements_on_one_label_must_both_hold() -> None:
    wide: Check = ("podAffinity", "pod.label", "app", "in", ("db", "web"))
    index = PoolIndex([*many(wide), default("both", wide, APP_DB)])
    assert ("both", True) not in found(index, facts())
    assert ("both", True) in found(index, facts(labels={"app": "db"}))


def test_a_pool_of_several_nodes_stands_once_where_the_node_is_not_known() -> None:
    nodes: Check = ("nodeName", "node.name", "", "in", ("node1", "node2", "node3"))
    zones: Check = ("nodeAffinity", "node.label", "zone", "in", ("a", "b"))
    index = PoolIndex(
        [default("nodes", nodes), default("zones", zones), default("both", zones, SHOP)]
    )
    unscheduled = facts(node=NO_NODE).replace(node_name="")
    assert found(index, unscheduled) == [("nodes", None), ("both", None), ("zones", None)]
    assert found(index, facts(node=NO_NODE)) == [("nodes", True), ("both", None), ("zones", None)]
    pod_too = Unknown("pod shop/web-1", "no such Pod was applied", "apply it")
    index.add(default("labels", ("podAffinity", "pod.label", "app", "in", ("a", "b")), zones))
    world = facts(node=NO_NODE).replace(pod=pod_too)
    assert found(index, world) == [
        ("labels", None),
        ("nodes", True),
        ("both", None),
        ("zones", None),
    ]


def test_two_overlapping_requirements_on_one_label_leave_what_they_share() -> None:
    first: Check = ("podAffinity", "pod.label", "app", "in", ("a", "b"))
    second: Check = ("podAffinity", "pod.label", "app", "in", ("b", "c"))
    index = PoolIndex([default("both", first, second)])
    assert [found(index, facts(labels={"app": app})) for app in "abc"] == [[], [("both", True)], []]


def test_a_pool_of_a_node_is_found_where_neither_node_nor_pod_is_known() -> None:
    pools = many(APP_WEB)
    pools.append(default("lonely", APP_WEB, ZONE_A, priority=1))  # its zone is rarer than its label
    index = PoolIndex(pools)
    pod_too = Unknown("pod shop/web-1", "no such Pod was applied", "apply it")
    assert found(index, facts(node=NO_NODE).replace(pod=pod_too))[0] == ("lonely", None)
    assert found(index, facts(node=NO_NODE))[0] == ("lonely", None)


def test_nothing_is_left_of_pools_that_are_removed() -> None:
    zone_b: Check = ("nodeAffinity", "node.label", "zone", "in", ("b",))  # removed last
    pools = [
        default("lonely", APP_WEB, ZONE_A),
        *many(APP_WEB),
        default("plain"),
        default("zoned", zone_b),
    ]
    index = PoolIndex(pools)
    for one in pools:
        index.remove(one.rules.name)
        assert one.rules.name not in [name for name, _ in found(index, facts(node=NO_NODE))]
    known = Known(facts(), 4)
    assert (len(index), list(index.walk(known)), known.checks_done) == (0, [], 0)
    assert index._counts == {}
