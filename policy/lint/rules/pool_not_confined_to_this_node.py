"""`pool-not-confined-to-this-node`: stores on several Nodes would hand out the same addresses."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.cluster import HOSTNAME
from policy.lint.finding import ERROR, Finding
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.lint.world import STANDALONE
from policy.normal.answer import NO
from policy.normal.box import satisfiable
from policy.places import Path
from policy.wording import listed, shown

_NAME = ("node.name", "")


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        out = pool.rules.disabled or pool.rules.terminating or satisfiable(pool.box) is NO
        nodes = None if out else _several(linted, pool)
        if nodes is not None:
            yield _finding(pool, nodes)


def _several(linted: Linted, pool: LintedPool) -> list[str] | None:
    """Nodes that the pool serves, two at most, empty for any; None: it is one, or nobody knows."""
    for place in (_NAME, HOSTNAME):
        values = pool.box.values.get(place)
        if values and not values.cofinite and len(values.texts) == 1:
            return None
    asked = any(check[1].startswith("node.") for check in pool.rules.checks)
    if not asked:
        return []
    if "Node" in linted.given:
        placement = linted.asked.placement
        there = placement.listed(linted.asked.reaches.nodes_of(pool.rules))
        return there[:2] if len(there) > 1 else None
    names = pool.box.values.get(_NAME)
    labels = any(check[1] == "node.label" for check in pool.rules.checks)
    return None if labels or not names or names.cofinite else sorted(names.texts)[:2]


def _finding(pool: LintedPool, nodes: list[str]) -> Finding:
    message = (
        f"{listed(nodes, 'and')}, each with a store of its own, would both hand out the addresses "
        f"of the pool {shown(pool.name)}"
        if nodes
        else f"every Node would hand out the addresses of the pool {shown(pool.name)}, each from a "
        "store of its own"
    )
    return RULE.at(
        pool.document,
        _path(pool),
        message,
        "split the addresses into a pool a Node, each with `nodeName` of one Node",
    )


def _path(pool: LintedPool) -> Path:
    for check, path in zip(pool.rules.checks, pool.paths, strict=True):
        if check[1].startswith("node."):
            return path
    return ("metadata", "name")


RULE = Rule(
    "pool-not-confined-to-this-node",
    ERROR,
    "stores on several Nodes would hand out the same addresses",
    _find,
    needs=(STANDALONE,),
)
