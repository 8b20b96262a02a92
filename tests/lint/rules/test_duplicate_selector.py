from __future__ import annotations

from tests.lint.linting import found, pool, pools, the, underlined

RULE = "duplicate-selector"
WEB = "default: true\npodAffinity: {matchLabels: {app: web}}"
AS_EXPRESSION = (
    "default: true\npodAffinity: {matchExpressions: [{key: app, operator: In, values: [web, db]}, "
    "{key: app, operator: NotIn, values: [db]}]}"
)
MINIMAL = pools(pool(WEB, "a"), pool(WEB, "b", 2))
NEAR_MISS = pools(pool(WEB, "a"), pool(WEB, "b", 2, 'poolweaver.io/priority: "1"'))


def test_it_says_who_goes_first_and_why_and_shows_a_pod() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        "the pool `b` lets the same Pods through as `a`, which comes first by name alone: `b` is used when `a` is full"
    )
    assert finding.hint == (
        "put the addresses into `a`, or say which pool goes first with the annotation `poolweaver.io/priority`"
    )
    assert underlined(MINIMAL, finding) == "b"
    assert finding.witness is not None
    assert finding.witness.text() == "a Pod with the label `app=web`"


def test_selectors_are_compared_by_what_they_let_through() -> None:
    assert found(pools(pool(WEB, "a"), pool(AS_EXPRESSION, "b", 2))) == [RULE]


def test_of_many_each_names_the_first_by_natural_order() -> None:
    text = pools(pool(WEB, "a10"), pool(WEB, "a9", 2), pool(WEB, "a11", 3))
    assert found(text) == [RULE, RULE]
    assert the(RULE, pools(pool(WEB, "a10"), pool(WEB, "a9", 2))).object == "SpiderIPPool/a10"


def test_pools_that_must_be_named_have_no_order_to_be_wrong() -> None:
    other = WEB.replace("default: true", "default: false")
    assert found(pools(pool(other, "a"), pool(other, "b", 2))) == []


def test_a_disabled_pool_is_no_duplicate() -> None:
    assert found(pools(pool(WEB, "a"), pool(WEB + "\ndisable: true", "b", 2))) == []
