"""Anchors, verdicts and sort keys: what they promise to whoever finds pools by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.decisions import ELIGIBLE, UNDECIDED
from model.facts import Facts, Unknown
from model.rules import RANK_FIELDS, SUBJECTS, Check, PoolRules
from policy.anchors import ALWAYS, EXISTS, alternatives, probes, rarest
from policy.anchors import SUBJECTS as ANCHOR_SUBJECTS
from policy.evaluate import CLUSTER_DEFAULT, judge, sorted_by_rank
from policy.ranks import sort_key
from policy.standing import Known, standing
from tests.policy.random_rules import FACTS, POOLS, rules
from tests.policy.worlds import APP_WEB, NODE1, ZONE_A, facts, pool

VERDICTS = {ELIGIBLE: True, UNDECIDED: None}


@given(FACTS, rules(), st.sampled_from([4, 6]))
def test_the_fast_verdict_is_that_of_the_evaluator(
    world: Facts, candidate: PoolRules, family: int
) -> None:
    outcome = judge(world, family, candidate, None).outcome
    assert standing(Known(world, family), candidate) is VERDICTS.get(outcome, False)


def test_a_verdict_stops_at_the_first_check_that_fails_and_counts_so_far() -> None:
    known = Known(facts(labels={"app": "db"}), 4)
    assert standing(known, pool("p", NODE1, APP_WEB, ZONE_A)) is False
    assert known.checks_done == 3, "ip.family, node.name, pod.label"


@given(FACTS, rules(), st.data())
def test_a_pool_that_stands_is_found_under_any_of_its_alternatives(
    world: Facts, candidate: PoolRules, data: st.DataObject
) -> None:
    """Under whichever requirement it is filed: one of its anchors is probed, or cannot be."""
    known = Known(world, candidate.family)
    if standing(known, candidate) is False:
        return
    probed, unknown = probes(known)
    choices = alternatives(candidate.checks)
    filed = data.draw(st.sampled_from(choices)) if choices else (ALWAYS,)
    assert any(anchor in probed or anchor[0] in unknown for anchor in filed)


@given(FACTS)
def test_no_anchor_is_probed_twice_and_no_requirement_has_two_that_hold(world: Facts) -> None:
    probed, unknown = probes(Known(world, 4))
    assert len(set(probed)) == len(probed)
    places = [(subject, key) for subject, key, _ in probed]
    assert len(set(places)) == len(places), "one value a place"
    assert not {subject for subject, _ in places} & set(unknown)


def test_every_subject_but_the_family_can_be_an_anchor() -> None:
    plain = [subject for subject in ANCHOR_SUBJECTS if not subject.startswith(EXISTS)]
    assert set(plain) == set(SUBJECTS) - {"ip.family"}


@pytest.mark.parametrize(
    ("operator", "values", "anchors"),
    [
        ("=", ("a",), ((("pod.label", "k", "a"),),)),
        ("in", ("b", "a"), ((("pod.label", "k", "a"), ("pod.label", "k", "b")),)),
        ("exists", (), ((("exists pod.label", "k", ""),),)),
        ("matches", ("a*",), ((("exists pod.label", "k", ""),),)),
        ("not in", ("a",), ()),
        ("absent", (), ()),
    ],
)
def test_a_positive_requirement_says_where_a_pool_may_be_filed(
    operator: str, values: tuple[str, ...], anchors: tuple[tuple[tuple[str, str, str], ...], ...]
) -> None:
    check: Check = ("podAffinity", "pod.label", "k", operator, values)
    assert alternatives(pool("p", check).checks) == anchors


def test_a_pool_without_positive_requirement_is_always_looked_at() -> None:
    assert rarest(alternatives(pool("p").checks), {}.get) == (ALWAYS,)  # type: ignore[arg-type]


def test_the_requirement_with_the_least_crowded_anchors_is_chosen() -> None:
    choices = alternatives(pool("p", ZONE_A, NODE1, APP_WEB).checks)
    app, node, zone = (
        ("pod.label", "app", "web"),
        ("node.name", "", "node1"),
        ("node.label", "zone", "a"),
    )
    assert rarest(choices, {app: 3, node: 2, zone: 1}.__getitem__) == (zone,)
    assert rarest(choices, {app: 1, node: 1, zone: 1}.__getitem__) == (app,), (
        "tells most Pods apart"
    )
    wide: Check = ("podAffinity", "pod.label", "app", "in", ("a", "b"))
    assert rarest(alternatives((wide, NODE1)), lambda _: 5) == (node,), "fewer anchors"


def test_the_subjects_of_an_unknown_section_cannot_be_probed() -> None:
    missing = Unknown("node node1", "no such Node was applied", "apply it")
    probed, unknown = probes(Known(facts(node=missing), 4))
    assert unknown == ["node.label", "exists node.label"]
    assert ("node.name", "", "node1") in probed, "its name came with the call"


NAMES = st.one_of(
    st.text(st.sampled_from("ab019-.\0\1\x02é\U0001f600"), max_size=8),
    st.text(st.characters(exclude_categories=[]), max_size=6),
    st.integers(0, 10**40).map(str),
)


@given(st.lists(rules(NAMES), max_size=12, unique_by=lambda pool: pool.name))
def test_sort_keys_order_as_ranks_do(pools: list[PoolRules]) -> None:
    assert sorted(pools, key=sort_key) == sorted_by_rank(pools, CLUSTER_DEFAULT)


@given(POOLS)
def test_no_two_pools_have_one_sort_key(pools: list[PoolRules]) -> None:
    assert len({sort_key(one) for one in pools}) == len(pools)


def test_one_field_present_outranks_all_behind_it() -> None:
    first, rest = pool("z", ranked=RANK_FIELDS[:1]), pool("a", ranked=RANK_FIELDS[1:], priority=9)
    assert sort_key(first) < sort_key(rest)
