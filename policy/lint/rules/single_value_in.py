"""`single-value-in`: an expression that says less plainly what `matchLabels` would say."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import INFO, REMOVE, Edit, Finding, Fix
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.resources.shapes import LabelSelector
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        spec = pool.spec
        yield from _in(pool, "podAffinity", spec.pod_affinity)
        if not spec.node_name:
            yield from _in(pool, "nodeAffinity", spec.node_affinity)
        if not spec.namespace_name:
            yield from _in(pool, "namespaceAffinity", spec.namespace_affinity)


def _in(pool: LintedPool, field: str, selector: LabelSelector | None) -> Iterator[Finding]:
    if selector is None:
        return
    expressions = selector.match_expressions or ()
    keys = [*(selector.match_labels or ()), *(one.key for one in expressions)]
    for index, one in enumerate(expressions):
        if one.operator == "In" and len(one.values or ()) == 1 and keys.count(one.key) == 1:
            yield _finding(pool, field, index, len(expressions), one.key, (one.values or [""])[0])


def _finding(pool: LintedPool, field: str, index: int, count: int, key: str, value: str) -> Finding:
    written = ("spec", field, "matchExpressions")
    label = ("spec", field, "matchLabels", key)
    gone = (*written, index) if count > 1 else written
    return RULE.at(
        pool.document,
        (*written, index),
        f"`In` with one value is what `matchLabels` says in one line: {shown(f'{key}: {value}')}",
        f"write it below `matchLabels` of `{field}`",
        about=key,
        fixes=(
            Fix(
                f"move `{key}` to `matchLabels`",
                pool.document,
                (Edit(gone, REMOVE), Edit(label, value)),
            ),
        ),
    )


RULE = Rule(
    "single-value-in",
    INFO,
    "an `In` with one value that `matchLabels` would say in one line",
    _find,
    fixable=True,
)
