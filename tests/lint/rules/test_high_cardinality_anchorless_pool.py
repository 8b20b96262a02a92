from __future__ import annotations

from tests.lint.linting import found, pool, the, underlined

RULE = "high-cardinality-anchorless-pool"
NOT = "default: true\npodAffinity: {matchExpressions: [{key: tier, operator: NotIn, values: [cache]}]}"
MINIMAL = pool(NOT)
NEAR_MISS = pool(NOT.replace("podAffinity: {", "podAffinity: {matchLabels: {app: web}, "))


def test_it_says_what_it_costs() -> None:
    finding = the(RULE, MINIMAL)
    assert (
        finding.message
        == "the pool `web` only says what a Pod must not have, so every decision looks at it"
    )
    assert (
        finding.hint == "where there are thousands of such pools, require a label or a name as well"
    )
    assert underlined(MINIMAL, finding) == "web"


def test_what_exists_or_has_a_name_can_be_found() -> None:
    assert found(pool("default: true\nnodeName: [n1]")) == []
    assert (
        found(
            pool("default: true\npodAffinity: {matchExpressions: [{key: tier, operator: Exists}]}")
        )
        == []
    )
