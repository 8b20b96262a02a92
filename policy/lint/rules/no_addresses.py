"""`no-addresses`: a pool that lists no address."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import INFO, Finding
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        if not pool.spec.ips.ranges and not pool.rules.disabled and not pool.rules.terminating:
            yield RULE.at(
                pool.document,
                ("spec", "ips"),
                f"the pool {shown(pool.name)} has no address yet, so no Pod gets one of it",
                "add ranges to `ips`, or write `disable: true` until there are some",
                at_key=True,
            )


RULE = Rule("no-addresses", INFO, "a pool without addresses", _find)
