"""`excluded-everything`: a pool whose every address is excluded."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding, Related
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        if pool.spec.ips.ranges and not pool.addresses:
            yield RULE.at(
                pool.document,
                ("spec", "excludeIPs"),
                f"the pool {shown(pool.name)} has no address: `excludeIPs` holds all of `ips`",
                "exclude fewer addresses, or add some to `ips`",
                at_key=True,
                related=(Related(pool.document.span(("spec", "ips")), "what is excluded"),),
            )


RULE = Rule("excluded-everything", WARNING, "a pool whose every address is excluded", _find)
