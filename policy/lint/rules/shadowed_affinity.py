"""`shadowed-affinity`: a selector beside a list of names, which does not filter."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import REMOVE, WARNING, Edit, Finding, Fix
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        spec = pool.spec
        if spec.node_name and spec.node_affinity is not None:
            yield _finding(pool, "nodeAffinity", "nodeName")
        if spec.namespace_name and spec.namespace_affinity is not None:
            yield _finding(pool, "namespaceAffinity", "namespaceName")


def _finding(pool: LintedPool, selector: str, names: str) -> Finding:
    path = ("spec", selector)
    return RULE.at(
        pool.document,
        path,
        f"`{selector}` of the pool {shown(pool.name)} does not filter, since `{names}` stands "
        "beside it; it only raises the rank",
        f"leave `{selector}` out, or leave `{names}` out to filter by the selector",
        at_key=True,
        fixes=(Fix(f"leave out `{selector}`", pool.document, (Edit(path, REMOVE),)),),
    )


RULE = Rule(
    "shadowed-affinity",
    WARNING,
    "a selector beside a list of names does not filter, but raises the rank",
    _find,
    fixable=True,
)
