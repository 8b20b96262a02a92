"""`high-cardinality-anchorless-pool`: a default pool that only says what a Pod must not have."""

from __future__ import annotations

from collections.abc import Iterator

from policy.anchors import alternatives
from policy.lint.finding import INFO, Finding
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.normal.domains import FAMILY
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        narrowed = set(pool.box.values) - {FAMILY}
        if pool.is_candidate and narrowed and not alternatives(pool.rules.checks):
            yield RULE.at(
                pool.document,
                ("metadata", "name"),
                f"the pool {shown(pool.name)} only says what a Pod must not have, so every "
                "decision looks at it",
                "where there are thousands of such pools, require a label or a name as well",
            )


RULE = Rule(
    "high-cardinality-anchorless-pool",
    INFO,
    "a default pool requires nothing that it could be found by",
    _find,
)
