"""`nil-vs-empty-selector`: a selector that is written and null."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import INFO, REMOVE, Edit, Finding, Fix
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.wording import shown

_SELECTORS = ("podAffinity", "nodeAffinity", "namespaceAffinity")


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        spec = pool.document.data["spec"]
        for field in _SELECTORS:
            if field in spec and spec[field] is None:
                path = ("spec", field)
                yield RULE.at(
                    pool.document,
                    path,
                    f"`{field}` of the pool {shown(pool.name)} is null, which is the same as "
                    "leaving it out; an empty one, `{}`, would select everything and raise the "
                    "rank",
                    "leave it out, or write the labels that were meant",
                    at_key=True,
                    fixes=(Fix(f"leave out `{field}`", pool.document, (Edit(path, REMOVE),)),),
                )


RULE = Rule(
    "nil-vs-empty-selector",
    INFO,
    "a selector is null, which asks for nothing",
    _find,
    fixable=True,
)
