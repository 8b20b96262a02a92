"""Filtering and ranking: what a check means, and that the order is total."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.decisions import CHOSEN, ELIGIBLE, EXHAUSTED, FILTERED, UNDECIDED
from model.facts import Unknown
from model.rules import RANK_FIELDS, Check, PoolRules
from policy.evaluate import (
    CLUSTER_DEFAULT,
    check_holds,
    decide_family,
    evaluate,
    sorted_by_rank,
    why_before,
)
from policy.networks import DEFAULT_NETWORK
from policy.select import POD_IPPOOL
from tests.policy.worlds import APP_DB, APP_WEB, NODE1, SHOP, TEAM_RED, VLAN0, ZONE_A, facts, pool


@pytest.mark.parametrize(
    ("operator", "values", "value", "holds", "reason"),
    [
        ("=", ("a",), "a", True, "equal"),
        ("=", ("a",), None, False, "an absent label equals nothing"),
        ("in", ("a", "b"), "b", True, "one of the set"),
        ("in", ("a", "b"), "c", False, "not of the set"),
        ("in", ("a",), None, False, "an absent label is in no set"),
        ("not in", ("a",), "b", True, "not of the set"),
        ("not in", ("a",), "a", False, "of the set"),
        ("not in", ("a",), None, True, "Kubernetes: NotIn holds where the key is absent"),
        ("exists", (), "", True, "an empty value is a value"),
        ("exists", (), None, False, "absent"),
        ("absent", (), None, True, "absent"),
        ("absent", (), "", False, "an empty value is a value"),
        ("matches", ("web-*",), "web-1", True, "glob"),
        ("matches", ("web-*",), "db-1", False, "glob"),
        ("matches", ("*",), None, False, "an absent label matches no glob"),
    ],
)
def test_an_operator_holds_as_the_language_says(
    operator: str, values: tuple[str, ...], value: str | None, holds: bool, reason: str
) -> None:
    assert check_holds(("", "pod.label", "k", operator, values), value) is holds, reason


@pytest.mark.parametrize(
    ("check", "actual"),
    [
        (("", "pod.name", "", "=", ("web-1",)), "web-1"),
        (("", "pod.label", "app", "=", ("web",)), "web"),
        (("", "pod.annotation", "note", "=", ("x",)), "x"),
        (("", "pod.owner.kind", "", "absent", ()), None),
        (("", "node.name", "", "=", ("node1",)), "node1"),
        (("", "node.label", "zone", "=", ("a",)), "a"),
        (("", "namespace.name", "", "=", ("shop",)), "shop"),
        (("", "namespace.label", "team", "=", ("red",)), "red"),
        (("", "nic.name", "", "=", ("eth0",)), "eth0"),
        (("", "nic.network", "", "=", ("kube-system/vlan0",)), "kube-system/vlan0"),
        (("", "ip.family", "", "=", ("4",)), "4"),
    ],
)
def test_every_subject_finds_its_fact(check: Check, actual: str | None) -> None:
    world = facts(annotations={"note": "x", DEFAULT_NETWORK: "vlan0"})
    result = evaluate(world, 4, check)
    assert (result.ok, result.actual) == (True, actual)


def test_a_check_on_an_unknown_section_is_neither_true_nor_false() -> None:
    missing = Unknown("node node1", "no such Node was applied", "apply it")
    result = evaluate(facts(node=missing), 4, ZONE_A)
    assert result.ok is None
    assert result.note == "node node1 is not known: no such Node was applied"
    assert evaluate(facts(node=missing), 4, NODE1).ok is True, "its name came with the call"


def test_all_checks_of_a_filtered_pool_are_evaluated() -> None:
    family = decide_family(facts(), 4, POD_IPPOOL, [pool("p", APP_DB, NODE1, SHOP)])
    assert [(c.field, c.ok) for c in family.candidates[0].checks] == [
        ("ipVersion", True),
        ("podAffinity", False),
        ("nodeName", True),
        ("namespaceName", True),
    ]
    assert family.candidates[0].outcome == FILTERED


def test_a_full_pool_is_exhausted_and_the_next_one_is_chosen() -> None:
    pools = [pool("full"), pool("room"), pool("spare")]
    family = decide_family(facts(), 4, POD_IPPOOL, pools, {"full": 0, "room": 2, "spare": 5})
    assert [(c.pool, c.outcome, c.rank, c.free) for c in family.candidates] == [
        ("full", EXHAUSTED, 1, 0),
        ("room", CHOSEN, 2, 2),
        ("spare", ELIGIBLE, 3, 5),
    ]


def test_nothing_is_chosen_behind_an_undecided_pool() -> None:
    missing = Unknown("node node1", "no such Node was applied", "apply it")
    pools = [pool("plain"), pool("zoned", ZONE_A)]
    family = decide_family(facts(node=missing), 4, POD_IPPOOL, pools, {"plain": 1, "zoned": 1})
    assert [(c.pool, c.outcome) for c in family.candidates] == [
        ("zoned", UNDECIDED),
        ("plain", ELIGIBLE),
    ]


def test_a_pool_whose_known_check_fails_is_filtered_though_another_is_unknown() -> None:
    missing = Unknown("node node1", "no such Node was applied", "apply it")
    family = decide_family(facts(node=missing), 4, POD_IPPOOL, [pool("p", ZONE_A, APP_DB)])
    assert family.candidates[0].outcome == FILTERED


def test_the_rank_vector_is_compared_field_by_field() -> None:
    """Spiderpool's order (its comparator): one podAffinity beats all other fields together."""
    checks = dict(zip(RANK_FIELDS, (APP_WEB, NODE1, ZONE_A, SHOP, TEAM_RED, VLAN0), strict=True))
    for earlier, later in itertools.combinations(RANK_FIELDS, 2):
        tail = [checks[f] for f in RANK_FIELDS[RANK_FIELDS.index(earlier) + 1 :]]
        first, second = pool("z", checks[earlier]), pool("a", *tail)
        assert sorted_by_rank([second, first], POD_IPPOOL) == [first, second], (earlier, later)


@pytest.mark.parametrize(
    ("first", "second", "source", "reason"),
    [
        (pool("b", APP_WEB), pool("a"), POD_IPPOOL, "podAffinity set"),
        (
            pool("b", APP_WEB),
            pool("a", NODE1, SHOP),
            POD_IPPOOL,
            "podAffinity set, though it matches fewer fields (1 against 2): the order of fields "
            "decides, not their number",
        ),
        (pool("b", priority=5), pool("a"), POD_IPPOOL, "priority 5 over 0"),
        (pool("b"), pool("a"), POD_IPPOOL, "earlier in the candidate list"),
        (pool("a"), pool("b"), CLUSTER_DEFAULT, "name order"),
        (pool("pool-2"), pool("pool-10"), CLUSTER_DEFAULT, "name order"),
    ],
)
def test_the_order_says_why(first: PoolRules, second: PoolRules, source: str, reason: str) -> None:
    assert sorted_by_rank([first, second], source) == [first, second]
    assert why_before(first, second, source) == reason


POOLS = st.builds(
    lambda number, fields, priority: pool(
        f"pool-{number}", ranked=tuple(f for f in RANK_FIELDS if f in fields), priority=priority
    ),
    st.integers(0, 30),
    st.sets(st.sampled_from(RANK_FIELDS)),
    st.integers(-1, 1),
)


@given(st.lists(POOLS, unique_by=lambda p: p.name), st.randoms())
def test_the_order_of_default_pools_is_total(pools: list[PoolRules], rng: random.Random) -> None:
    shuffled = list(pools)
    rng.shuffle(shuffled)
    assert sorted_by_rank(shuffled, CLUSTER_DEFAULT) == sorted_by_rank(pools, CLUSTER_DEFAULT)
