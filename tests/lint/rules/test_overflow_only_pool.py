from __future__ import annotations

from tests.lint.linting import found, pool, pools, the, underlined

RULE = "overflow-only-pool"
WEB = "default: true\npodAffinity: {matchLabels: {app: web}}"
NARROW = "default: true\npodAffinity: {matchLabels: {app: web, tier: front}}"
PRIORITY = 'poolweaver.io/priority: "1"'
MINIMAL = pools(pool(WEB, "wide", 1, PRIORITY), pool(NARROW, "narrow", 2))
NEAR_MISS = pools(pool(WEB, "wide", 1, PRIORITY), pool(WEB, "reserve", 2))


def test_it_says_who_goes_first_by_what_and_does_not_call_the_pool_unreachable() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        "the pool `narrow` is used only when `wide` is full: every Pod that it lets through gets `wide` first (priority 1 over 0)"
    )
    assert finding.hint == (
        "let the better ranked pool leave some of these Pods alone, or, if this one is a reserve, say so with the "
        "annotation `poolweaver.io/lint-ignore-overflow-only-pool`"
    )
    assert underlined(MINIMAL, finding) == "narrow"
    assert finding.witness is not None
    assert finding.witness.text() == "a Pod with the labels `app=web`, `tier=front`"


def test_a_field_that_raises_the_rank_is_named() -> None:
    label = "namespaceAffinity: {matchLabels: {kubernetes.io/metadata.name: shop}}"
    text = pools(
        pool("default: true\nnamespaceName: [shop]", "a"), pool(f"default: true\n{label}", "b", 2)
    )
    finding = the(RULE, text)
    assert finding.message == (
        "the pool `b` is used only when `a` is full: every Pod that it lets through gets `a` first (namespaceName set)"
    )


def test_pools_that_only_together_let_all_of_its_pods_through_are_found() -> None:
    both = "default: true\npodAffinity: {matchExpressions: [{key: app, operator: In, values: [web, db]}]}"
    text = pools(
        pool(WEB, "web", 1, PRIORITY),
        pool(WEB.replace("web", "db"), "db", 2, PRIORITY),
        pool(WEB.replace("web", "other"), "other", 3, PRIORITY),
        pool(both, "both", 4),
    )
    assert found(text) == [RULE]
    assert the(RULE, text).message == (
        "the pool `both` is used only when others are full: every Pod that it lets through gets one of `db` and `web` first"
    )


def test_a_pool_that_has_some_pods_to_itself_is_not_reported() -> None:
    text = pools(pool(NARROW, "narrow", 1, PRIORITY), pool(WEB, "wide", 2))
    assert found(text) == []


def test_a_pool_that_must_be_named_is_in_nobodys_way() -> None:
    wide = WEB.replace("default: true", "default: false")
    assert found(pools(pool(wide, "wide", 1, PRIORITY), pool(NARROW, "narrow", 2))) == []
