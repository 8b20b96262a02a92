from __future__ import annotations

from tests.lint.linting import pool, the, underlined

RULE = "excluded-everything"
MINIMAL = pool("excludeIPs: [10.6.1.0-10.6.1.5, 10.6.1.6-10.6.1.20]")
NEAR_MISS = pool("excludeIPs: [10.6.1.0-10.6.1.8]")


def test_it_points_at_the_exclusion() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == "the pool `web` has no address: `excludeIPs` holds all of `ips`"
    assert finding.hint == "exclude fewer addresses, or add some to `ips`"
    assert underlined(MINIMAL, finding) == "excludeIPs"
    assert finding.field == "spec.excludeIPs"
