"""The normal form against an oracle that goes through every Pod of a small world."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.decisions import ELIGIBLE
from model.rules import Check, PoolRules
from policy.evaluate import check_holds, judge
from policy.load import load
from policy.normal.among import Among, bits
from policy.normal.answer import NO, UNKNOWN, YES, Answer
from policy.normal.box import Box, box_of, equivalent, implies, overlaps, satisfiable
from policy.normal.cover import covered
from policy.normal.domains import Place, place_of
from policy.normal.requirements import contradictions, redundant
from policy.normal.witness import witness_of
from policy.settings import AuthoringSettings

PLACES: list[Place] = [
    ("pod.label", "a"),
    ("pod.label", "b"),
    ("namespace.name", ""),
    ("pod.owner.kind", ""),
    ("pod.owner.name", ""),
]
TEXTS = ("x", "z")
FRESH = "other"  # stands for every text that no check names
Pod = dict[Place, str | None]


def pods() -> Iterator[Pod]:
    """Every Pod of the small world: names are never absent, and an owner has a kind and a name."""
    values: list[tuple[str | None, ...]] = [
        (*TEXTS, FRESH) if place[0] == "namespace.name" else (None, *TEXTS, FRESH)
        for place in PLACES
    ]
    for row in itertools.product(*values):
        pod = dict(zip(PLACES, row, strict=True))
        if (pod["pod.owner.kind", ""] is None) == (pod["pod.owner.name", ""] is None):
            yield pod


PODS = list(pods())


def meets(pod: Pod, checks: Sequence[Check]) -> bool:
    return all(check_holds(check, pod[place_of(check)]) for check in checks)


def of(checks: Sequence[Check]) -> set[int]:
    return {number for number, pod in enumerate(PODS) if meets(pod, checks)}


@st.composite
def exact_checks(draw: st.DrawFn) -> Check:
    subject, key = draw(st.sampled_from(PLACES))
    operators = (
        ["in", "not in"] if subject == "namespace.name" else ["in", "not in", "exists", "absent"]
    )
    operator = draw(st.sampled_from(operators))
    texts = draw(st.sets(st.sampled_from(TEXTS), min_size=1)) if "in" in operator else ()
    if subject == "namespace.name" and draw(st.booleans()):
        subject, key = "namespace.label", "kubernetes.io/metadata.name"
    return ("podAffinity", subject, key, operator, tuple(sorted(texts)))


@st.composite
def glob_checks(draw: st.DrawFn) -> Check:
    subject, key = draw(st.sampled_from(PLACES))
    pattern = draw(
        st.sampled_from(["*", "x", "x*", "*x", "?", "[xz]", "[^x]*", "o*r", "ot?er", "*-*"])
    )
    return ("annotation", subject, key, "matches", (pattern,))


EXACT = st.lists(exact_checks(), max_size=5)
ANY = st.lists(exact_checks() | glob_checks(), max_size=4)


def truth(value: bool) -> Answer:
    return YES if value else NO


@given(EXACT)
def test_a_box_is_satisfiable_just_where_some_pod_meets_all_checks(checks: list[Check]) -> None:
    assert satisfiable(box_of(checks)) is truth(bool(of(checks)))


@given(EXACT, EXACT)
def test_implication_equivalence_and_overlap_are_those_of_sets(
    a: list[Check], b: list[Check]
) -> None:
    one, other = box_of(a), box_of(b)
    assert implies(one, other) is truth(of(a) <= of(b))
    assert equivalent(one, other) is truth(of(a) == of(b))
    assert overlaps(one, other) is truth(bool(of(a) & of(b)))


@given(EXACT, EXACT)
def test_boxes_that_hold_the_same_pods_are_equal_and_have_one_hash(
    a: list[Check], b: list[Check]
) -> None:
    if of(a):
        assert (box_of(a) == box_of(b)) == (of(a) == of(b))
    if box_of(a) == box_of(b):
        assert hash(box_of(a)) == hash(box_of(b))


@given(EXACT, EXACT)
def test_the_meet_of_two_boxes_is_the_box_of_both_conjunctions(
    a: list[Check], b: list[Check]
) -> None:
    meet = box_of(a).meet(box_of(b))
    assert equivalent(meet, box_of([*a, *b])) is YES


@given(ANY, ANY)
def test_with_patterns_a_yes_and_a_no_are_still_never_wrong(a: list[Check], b: list[Check]) -> None:
    one, other = box_of(a), box_of(b)
    if satisfiable(one) is NO:
        assert not of(a)
    if implies(one, other) is YES:
        assert of(a) <= of(b)
    if overlaps(one, other) is NO:
        assert not of(a) & of(b)
    for answer, checks, box in (
        (satisfiable(one), a, one),
        (overlaps(one, other), a + b, one.meet(other)),
    ):
        if answer is YES:
            witness = witness_of(box)
            assert witness is not None
            assert (
                judge(witness.facts(), 4, PoolRules("p", 4, checks, ()), None).outcome == ELIGIBLE
            )
    assert implies(one, one) is YES


@given(EXACT)
def test_what_is_redundant_can_be_dropped_all_at_once_and_nothing_else_can(
    checks: list[Check],
) -> None:
    gone = {index for index, _ in redundant(checks)}
    left = [check for index, check in enumerate(checks) if index not in gone]
    assert of(left) == of(checks)
    for index, implying in redundant(checks):
        assert of([checks[i] for i in implying]) <= of([checks[index]])
    if of(checks):
        for count in range(len(left)):
            place = place_of(left[count])
            if not place[0].startswith("pod.owner"):  # the owner's kind says something of its name
                assert of(left[:count] + left[count + 1 :]) != of(checks)


@given(EXACT)
def test_what_contradicts_does_so_together_and_not_without_one(checks: list[Check]) -> None:
    for group in contradictions(checks):
        members = [checks[index] for index in group]
        assert not of(members)
        for index in range(len(members)):
            assert of(members[:index] + members[index + 1 :])
    if of(checks):
        assert not list(contradictions(checks))


@given(ANY)
def test_a_witness_meets_every_check_also_when_its_manifests_are_loaded(
    checks: list[Check],
) -> None:
    witness = witness_of(box_of(checks))
    if witness is None:
        assert satisfiable(box_of(checks)) is not YES
        return
    rules = PoolRules("p", 4, checks, ())
    assert judge(witness.facts(), 4, rules, None).outcome == ELIGIBLE
    assert witness.text().startswith(("a Pod ", "any Pod"))


@given(EXACT, st.lists(EXACT, max_size=5))
@settings(deadline=None)
def test_a_union_covers_just_what_its_pods_cover(
    narrow: list[Check], wide: list[list[Check]]
) -> None:
    verdict, piece = covered(box_of(narrow), [box_of(each) for each in wide])
    inside = of(narrow) <= set().union(*(of(each) for each in wide))
    assert verdict is truth(inside)
    if piece is not None:
        witness = witness_of(piece)
        assert witness is not None
        outcomes = [
            judge(witness.facts(), 4, PoolRules("p", 4, each, ()), None).outcome
            for each in (narrow, *wide)
        ]
        assert outcomes[0] == ELIGIBLE
        assert ELIGIBLE not in outcomes[1:]


@given(ANY, st.lists(ANY, max_size=4))
@settings(deadline=None)
def test_a_cover_with_patterns_is_never_wrong(narrow: list[Check], wide: list[list[Check]]) -> None:
    verdict, _ = covered(box_of(narrow), [box_of(each) for each in wide])
    if verdict is YES:
        assert of(narrow) <= set().union(*(of(each) for each in wide))


def test_a_cover_beyond_its_budget_is_unknown() -> None:
    narrow = box_of([("", "ip.family", "", "=", ("4",))])
    wide = [
        box_of(
            [("", "pod.label", f"k{i}", "in", ("x",)), ("", "pod.label", f"k{i + 1}", "in", ("x",))]
        )
        for i in range(40)
    ]
    assert covered(narrow, wide, budget=100) == (UNKNOWN, None)


@given(st.lists(ANY, max_size=12), ANY)
@settings(deadline=None)
def test_many_boxes_at_once_answer_as_one_by_one(
    many: list[list[Check]], asked: list[Check]
) -> None:
    boxes = [box_of(checks) for checks in many]
    among = Among(boxes)
    box = box_of(asked)
    overlapping = {i for i, other in enumerate(boxes) if overlaps(box, other) is YES}
    assert set(bits(among.overlapping(box))) == overlapping
    if satisfiable(box) is YES:
        live = {i for i, other in enumerate(boxes) if satisfiable(other) is not NO}
        containing = {i for i in live if implies(box, boxes[i]) is YES}
        assert set(bits(among.containing(box))) == containing


def test_the_manifests_of_a_witness_are_a_cluster_in_which_it_matches() -> None:
    checks: list[Check] = [
        ("podAffinity", "pod.label", "app", "in", ("web",)),
        ("podAffinity", "pod.label", "tier", "not in", ("cache",)),
        ("nodeAffinity", "node.label", "zone", "exists", ()),
        ("namespaceAffinity", "namespace.label", "kubernetes.io/metadata.name", "in", ("shop",)),
        ("multusName", "nic.network", "", "in", ("kube-system/macvlan.100",)),
        ("annotation", "nic.name", "", "=", ("net7",)),
        ("annotation", "pod.owner.name", "", "matches", ("web-*",)),
    ]
    witness = witness_of(box_of(checks))
    assert witness is not None
    texts = [(f"{i}.json", json.dumps(m).encode()) for i, m in enumerate(witness.manifests())]
    assert [record.kind for record in load(texts, AuthoringSettings()).objects] == [
        "Namespace",
        "Node",
        "Pod",
    ]
    assert witness.text() == (
        "a Pod with the label `app=web`, owned by ReplicaSet `web-a`, in the namespace `shop`, "
        "on a node with the label `zone=any`, by its interface `net7`, on the network `kube-system/macvlan.100`"
    )


def test_an_answer_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="an answer may be unknown"):
        bool(YES)


def test_an_annotation_that_names_the_network_leaves_the_answer_open() -> None:
    network: Check = ("multusName", "nic.network", "", "in", ("a/b",))
    annotation: Check = (
        "annotation",
        "pod.annotation",
        "v1.multus-cni.io/default-network",
        "in",
        ("c/d",),
    )
    assert satisfiable(box_of([network, annotation])) is UNKNOWN
    assert overlaps(box_of([network]), box_of([annotation])) is UNKNOWN
    assert satisfiable(box_of([annotation])) is YES
    assert isinstance(box_of([]), Box)
