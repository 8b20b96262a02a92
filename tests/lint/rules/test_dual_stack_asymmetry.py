from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, pools, the, underlined

RULE = "dual-stack-asymmetry"
WEB = "podAffinity: {matchLabels: {app: web}}"
BOTH = "podAffinity: {matchExpressions: [{key: app, operator: In, values: [api, web]}]}"


def six(spec: str, name: str) -> str:
    return (
        pool(spec, name)
        .replace("10.6.0.0/16", "fd00::/64")
        .replace("10.6.1.1-10.6.1.9", "fd00::1-fd00::9")
    )


MINIMAL = pools(pool(WEB, "web-v4"), six(BOTH, "web-v6"))
NEAR_MISS = pools(pool(WEB, "web-v4"), six(WEB, "web-v6"))


def test_it_shows_a_pod_that_would_get_one_family() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        "the pools `web-v6` and `web-v4` are named as one pool of two families, but some Pods may use the IPv6 one "
        "and not the IPv4 one"
    )
    assert finding.hint == "give both the same affinity fields, or names that do not pair them"
    assert underlined(MINIMAL, finding) == "web-v4"
    assert finding.witness is not None
    assert finding.witness.text() == "a Pod with the label `app=api`"


@pytest.mark.parametrize(
    ("four", "other"),
    [
        ("v4-web", "v6-web"),
        ("web.ipv4", "web.ipv6"),
        ("default-v4-ippool", "default-v6-ippool"),
        ("v4", "v6"),
    ],
)
def test_every_usual_way_to_name_a_pair_is_one(four: str, other: str) -> None:
    assert found(pools(pool(WEB, four), six(BOTH, other))) == [RULE]


@pytest.mark.parametrize(
    ("four", "other"),
    [
        ("web-4", "web-6"),
        ("web-v6", "web-v4"),
        ("web-v4", "api-v6"),
        ("v4-v4", "v6-v6"),
        ("rev4", "rev6"),
    ],
)
def test_names_that_pair_nothing_are_left_alone(four: str, other: str) -> None:
    assert found(pools(pool(WEB, four), six(BOTH, other))) == []
