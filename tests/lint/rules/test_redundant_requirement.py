from __future__ import annotations

import pytest

from tests.lint.linting import findings, found, pool, the, underlined

RULE = "redundant-requirement"
MINIMAL = pool(
    "podAffinity:\n  matchLabels: {app: web}\n  matchExpressions:\n  - {key: app, operator: Exists}"
)
NEAR_MISS = pool(
    "podAffinity:\n  matchLabels: {app: web}\n  matchExpressions:\n  - {key: tier, operator: Exists}"
)
EXPRESSIONS = "podAffinity:\n  matchExpressions:\n"


def test_it_says_what_the_requirement_follows_from() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        '`exists pod.label["app"]` of the pool `web` changes nothing, since `pod.label["app"] in {"web"}` stands there too'
    )
    assert finding.hint == "leave it out"
    assert underlined(MINIMAL, finding) == "{key: app, operator: Exists}"
    assert finding.field == "spec.podAffinity.matchExpressions[0]"


@pytest.mark.parametrize(
    ("rows", "gone"),
    [
        (("In, values: [a, b]", "In, values: [b, a]"), [1]),
        (("In, values: [a]", "In, values: [a, b]"), [1]),
        (("In, values: [a, b]", "In, values: [a]"), [0]),
        (("In, values: [a]", "NotIn, values: [b]"), [1]),
        (("DoesNotExist", "NotIn, values: [b]"), [1]),
        (("NotIn, values: [a]", "NotIn, values: [a, b]"), [0]),
        (("In, values: [a, b]", "NotIn, values: [b]"), []),
        (("Exists", "NotIn, values: [b]"), []),
        (("In, values: [a, b]", "In, values: [b, c]"), []),
    ],
)
def test_what_is_implied_is_found_and_what_narrows_is_not(
    rows: tuple[str, ...], gone: list[int]
) -> None:
    text = pool(EXPRESSIONS + "".join(f"  - {{key: k, operator: {row}}}\n" for row in rows))
    fields = [one.field for one in findings(text) if one.rule == RULE]
    assert fields == [f"spec.podAffinity.matchExpressions[{index}]" for index in gone]


def test_a_selector_that_only_an_annotation_makes_redundant_stays_for_its_rank() -> None:
    text = pool(
        "namespaceAffinity: {matchLabels: {team: a}}",
        annotations='poolweaver.io/require: \'require namespace.label["team"] = "a";\'',
    )
    (finding,) = findings(text)
    assert (finding.rule, finding.field) == (RULE, "metadata.annotations[poolweaver.io/require]")
    assert finding.fixes == ()


def test_a_selector_that_contradicts_itself_is_not_called_redundant() -> None:
    text = pool(
        EXPRESSIONS
        + "  - {key: k, operator: In, values: [a]}\n  - {key: k, operator: In, values: [b]}\n"
    )
    assert RULE not in found(text)
