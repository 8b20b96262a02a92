"""`catch-all-pool`: a default pool that every Pod may use."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import INFO, Finding
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.normal.domains import FAMILY
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        if pool.is_candidate and set(pool.box.values) <= {FAMILY}:
            yield RULE.at(
                pool.document,
                ("metadata", "name"),
                f"every Pod that names no pool may use {shown(pool.name)}, and so gets an "
                f"IPv{pool.rules.family} address whatever its labels are",
                "if that is not meant, add an affinity, or leave out `default: true`",
            )


RULE = Rule("catch-all-pool", INFO, "a default pool lets every Pod through", _find)
