"""`empty-selector-raises-rank`: a selector that forbids nothing, and yet counts for the rank."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import REMOVE, WARNING, Edit, Finding, Fix
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.normal.box import box_of
from policy.resources.shapes import LabelSelector
from policy.selectors import selector_checks
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        spec = pool.spec
        if not spec.node_name and _forbids_nothing("node", spec.node_affinity):
            yield _finding(pool, "nodeAffinity", "Node")
        if not spec.namespace_name and _forbids_nothing("namespace", spec.namespace_affinity):
            yield _finding(pool, "namespaceAffinity", "Namespace")


def _forbids_nothing(what: str, selector: LabelSelector | None) -> bool:
    if selector is None:
        return False
    return not box_of(selector_checks("", f"{what}.label", selector)).values


def _finding(pool: LintedPool, field: str, what: str) -> Finding:
    path = ("spec", field)
    return RULE.at(
        pool.document,
        path,
        f"`{field}` of the pool {shown(pool.name)} selects every {what}, and yet puts the pool "
        "before those without it",
        f"leave `{field}` out, and order pools by the annotation `poolweaver.io/priority`",
        at_key=True,
        fixes=(Fix(f"leave out `{field}`", pool.document, (Edit(path, REMOVE),)),),
    )


RULE = Rule(
    "empty-selector-raises-rank",
    WARNING,
    "a selector that selects everything does not filter, but raises the rank",
    _find,
    fixable=True,
)
