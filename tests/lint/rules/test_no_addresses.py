from __future__ import annotations

from tests.lint.linting import found, pool, the, underlined

RULE = "no-addresses"
MINIMAL = pool().replace("[10.6.1.1-10.6.1.9]", "[]")
NEAR_MISS = pool()


def test_it_points_at_the_empty_list() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == "the pool `web` has no address yet, so no Pod gets one of it"
    assert finding.hint == "add ranges to `ips`, or write `disable: true` until there are some"
    assert underlined(MINIMAL, finding) == "ips"


def test_a_missing_list_is_an_empty_one() -> None:
    assert found(MINIMAL.replace("  ips: []\n", "")) == [RULE]


def test_a_disabled_pool_may_be_empty() -> None:
    assert found(MINIMAL + "  disable: true\n") == []
