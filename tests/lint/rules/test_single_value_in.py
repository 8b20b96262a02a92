from __future__ import annotations

from tests.lint.linting import findings, fixed, found, pool, the, underlined

RULE = "single-value-in"
EXPRESSIONS = "podAffinity:\n  matchExpressions:\n"
MINIMAL = pool(EXPRESSIONS + "  - {key: app, operator: In, values: [web]}")
NEAR_MISS = pool(EXPRESSIONS + "  - {key: app, operator: In, values: [web, db]}")


def test_it_shows_the_short_form() -> None:
    finding = the(RULE, MINIMAL)
    assert (
        finding.message == "`In` with one value is what `matchLabels` says in one line: `app: web`"
    )
    assert finding.hint == "write it below `matchLabels` of `podAffinity`"
    assert underlined(MINIMAL, finding) == "{key: app, operator: In, values: [web]}"


def test_all_of_a_selector_can_be_fixed_at_once_beside_what_stays() -> None:
    text = pool(
        EXPRESSIONS
        + "  - {key: a, operator: In, values: [x]}\n  - {key: b, operator: Exists}\n  - {key: c, operator: In, values: [z]}"
    )
    assert [finding.field for finding in findings(text)] == [
        "spec.podAffinity.matchExpressions[0]",
        "spec.podAffinity.matchExpressions[2]",
    ]
    assert found(fixed(text)) == []
    assert "a: x" in fixed(text)


def test_a_key_that_stands_twice_is_left_alone() -> None:
    text = pool(
        EXPRESSIONS
        + "  - {key: app, operator: In, values: [web]}\n  - {key: app, operator: In, values: [web, db]}"
    )
    assert RULE not in found(text)


def test_a_selector_that_is_shadowed_is_left_alone() -> None:
    text = pool(
        "nodeName: [n]\nnodeAffinity: {matchExpressions: [{key: a, operator: In, values: [x]}]}"
    )
    assert RULE not in found(text)
