from __future__ import annotations

import pytest

from model.spans import Span
from policy.lint.finding import Related
from tests.lint.linting import findings, found, pool, the, underlined

RULE = "contradictory-requirement"
MINIMAL = pool(
    "podAffinity:\n  matchLabels: {app: web}\n  matchExpressions:\n  - {key: app, operator: In, values: [api, db]}"
)
NEAR_MISS = pool(
    "podAffinity:\n  matchLabels: {app: web}\n  matchExpressions:\n  - {key: tier, operator: In, values: [api, db]}"
)
EXPRESSIONS = "podAffinity:\n  matchExpressions:\n"


def test_it_shows_both_requirements() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        'no Pod can use the pool `web`: `pod.label["app"] in {"api", "db"}` contradicts `pod.label["app"] in {"web"}`'
    )
    assert finding.hint == (
        "take one of them away, or list the values in one requirement if any of them will do"
    )
    assert underlined(MINIMAL, finding) == "{key: app, operator: In, values: [api, db]}"
    assert finding.field == "spec.podAffinity.matchExpressions[0]"
    assert finding.related == (
        Related(Span("f.yaml", 9, 19, 9, 22), 'pod.label["app"] in {"web"}'),
    )


@pytest.mark.parametrize(
    "rows",
    [
        ("{key: a, operator: Exists}", "{key: a, operator: DoesNotExist}"),
        ("{key: a, operator: In, values: [x]}", "{key: a, operator: NotIn, values: [x, w]}"),
        ("{key: a, operator: In, values: [x]}", "{key: a, operator: DoesNotExist}"),
        ("{key: a, operator: In, values: [x, w]}", "{key: a, operator: In, values: [z]}"),
    ],
)
def test_every_pair_of_operators_that_cannot_hold_together_is_found(rows: tuple[str, str]) -> None:
    text = pool(EXPRESSIONS + "".join(f"  - {row}\n" for row in rows))
    assert found(text) == [RULE]


def test_of_three_that_contradict_together_all_are_named_and_of_four_the_needed_ones() -> None:
    rows = ("In, values: [x, w]", "NotIn, values: [z]", "NotIn, values: [x]", "NotIn, values: [w]")
    text = pool(EXPRESSIONS + "".join(f"  - {{key: a, operator: {row}}}\n" for row in rows))
    (finding,) = [one for one in findings(text) if one.rule == RULE]
    assert [related.message for related in finding.related] == [
        'pod.label["a"] in {"w", "x"}',
        'pod.label["a"] not in {"x"}',
    ]


def test_a_selector_that_is_shadowed_filters_nothing_and_contradicts_nothing() -> None:
    text = pool(
        "nodeName: [n1]\nnodeAffinity: {matchLabels: {a: x}, matchExpressions: [{key: a, operator: DoesNotExist}]}"
    )
    assert RULE not in found(text)
