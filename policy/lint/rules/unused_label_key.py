"""`unused-label-key`: a selector asks for a label that nothing known has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policy.lint.finding import WARNING, Finding
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.objects import NAMESPACE_LABEL
from policy.wording import did_you_mean, shown

_KINDS = {"pod.label": "Pod", "node.label": "Node", "namespace.label": "Namespace"}
_ASKING = ("=", "in", "exists", "matches")


def _find(linted: Linted) -> Iterator[Finding]:
    seen = linted.cluster.label_keys
    for pool in linted.pools:
        told = set()
        for number, kind, key in unused(pool, seen):
            if (kind, key) not in told:
                told.add((kind, key))
                yield _finding(pool, number, kind, seen[kind])


def unused(pool: LintedPool, seen: Mapping[str, set[str]]) -> Iterator[tuple[int, str, str]]:
    """(number of the check, kind, key) where a check asks for a label that the kind never has."""
    for number, (_, subject, key, operator, _values) in enumerate(pool.rules.checks):
        kind = _KINDS.get(subject)
        asked = kind is not None and operator in _ASKING and key != NAMESPACE_LABEL
        if kind is not None and asked and key not in seen[kind]:
            yield number, kind, key


def _finding(pool: LintedPool, number: int, kind: str, seen: set[str]) -> Finding:
    origin, _, key, _, _ = pool.rules.checks[number]
    return RULE.at(
        pool.document,
        pool.paths[number],
        f"the pool {shown(pool.name)} asks by `{origin}` for the label {shown(key)}, which no "
        f"known {kind} has",
        did_you_mean(key, seen) or f"correct the key, or give a {kind} that label",
        about=f"{kind} {key}",
    )


RULE = Rule(
    "unused-label-key",
    WARNING,
    "a selector asks for a label that nothing known has",
    _find,
    needs=("Pod", "Node", "Namespace"),
)
