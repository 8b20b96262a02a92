from __future__ import annotations

from tests.lint.linting import found, pool, the, underlined

RULE = "catch-all-pool"
MINIMAL = pool("default: true")
NEAR_MISS = pool("default: true\nnamespaceName: [shop]")


def test_it_says_what_every_pod_gets() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        "every Pod that names no pool may use `web`, and so gets an IPv4 address whatever its labels are"
    )
    assert finding.hint == "if that is not meant, add an affinity, or leave out `default: true`"
    assert underlined(MINIMAL, finding) == "web"


def test_a_pool_that_must_be_named_or_is_disabled_catches_nothing() -> None:
    assert found(pool()) == []
    assert found(pool("default: true\ndisable: true")) == []
