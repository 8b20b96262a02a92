from __future__ import annotations

from tests.lint.linting import found, pool, pools, the, underlined

RULE = "rank-tie"
WEB = "default: true\npodAffinity: {matchLabels: {app: web}}"
FRONT = "default: true\npodAffinity: {matchLabels: {tier: front}}"
BOTH = "default: true\npodAffinity: {matchLabels: {app: web, tier: front}}"
MINIMAL = pools(pool(WEB, "a"), pool(FRONT, "b", 2))
NEAR_MISS = pools(
    pool(WEB, "a"),
    pool(
        "default: true\npodAffinity: {matchLabels: {tier: front}, matchExpressions: [{key: app, operator: NotIn, values: [web]}]}",
        "b",
        2,
    ),
)


def test_it_says_who_loses_to_whom_and_shows_a_pod_of_both() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        "the pool `b` ties with `a`, and only the name decides: a Pod that both let through gets `a`"
    )
    assert finding.hint == (
        "say which pool goes first with the annotation `poolweaver.io/priority`, or let the selectors exclude each other"
    )
    assert underlined(MINIMAL, finding) == "b"
    assert finding.witness is not None
    assert finding.witness.text() == "a Pod with the labels `app=web`, `tier=front`"


def test_a_narrow_pool_behind_a_wide_one_is_told_what_that_means() -> None:
    finding = the(RULE, pools(pool(WEB, "a"), pool(BOTH, "b", 2)))
    assert finding.message == (
        "the pool `b` ties with `a`, and only the name decides: every Pod that it lets through gets `a` until that is full"
    )


def test_ties_are_told_once_a_pool() -> None:
    text = pools(pool(WEB, "a"), pool(FRONT, "b", 2), pool(BOTH, "c", 3))
    assert found(text) == [RULE, RULE]
    finding = the(
        RULE,
        pools(
            pool(WEB, "a"),
            pool(FRONT.replace("front", "back"), "b", 2),
            pool(
                "default: true\npodAffinity: {matchExpressions: [{key: x, operator: Exists}]}",
                "c",
                3,
            ),
        ).replace("tier: back", "app: db"),
    )
    assert finding.message.startswith(
        "the pool `c` ties with `a` and 1 more, and only the name decides:"
    )
    assert [related.message for related in finding.related] == [
        "`a`, before it by name",
        "`b`, before it by name",
    ]


def test_a_difference_in_rank_is_no_tie() -> None:
    assert found(pools(pool(WEB, "a"), pool(FRONT + "\nnodeName: [n1]", "b", 2))) == []
    assert found(pools(pool(WEB, "a"), pool(FRONT, "b", 2, 'poolweaver.io/priority: "1"'))) == []


def test_pools_of_two_families_do_not_tie() -> None:
    six = FRONT + "\nsubnet: 'fd00::/64'\nips: ['fd00::1-fd00::9']"
    text = pool(six, "b").replace("  subnet: 10.6.0.0/16\n  ips: [10.6.1.1-10.6.1.9]\n", "")
    assert found(pools(pool(WEB, "a"), text)) == []
