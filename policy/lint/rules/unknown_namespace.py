"""`unknown-namespace`: a `namespaceName` that no Namespace bears."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.lint.unknown_names import unknown_names
from policy.normal.domains import NAMESPACE_NAME


def _find(linted: Linted) -> Iterator[Finding]:
    known = linted.cluster.namespaces
    for pool in linted.pools:
        yield from unknown_names(RULE, pool, NAMESPACE_NAME, "Namespace", known)


RULE = Rule(
    "unknown-namespace",
    WARNING,
    "a pool is for a Namespace that does not exist",
    _find,
    needs=("Namespace",),
)
