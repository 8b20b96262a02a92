"""`duplicate-selector`: default pools for the same Pods, of which nothing says which goes first."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.normal.answer import YES
from policy.normal.box import Box, satisfiable
from policy.normal.witness import witness_of
from policy.ranks import rank_of
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    first_of: dict[tuple[bytes, Box], LintedPool] = {}
    for pool in linted.standings.pools:
        first = first_of.setdefault((rank_of(pool.rules), pool.box), pool)
        if first is not pool and satisfiable(pool.box) is YES:
            yield _finding(first, pool)


def _finding(first: LintedPool, pool: LintedPool) -> Finding:
    return RULE.at(
        pool.document,
        ("metadata", "name"),
        f"the pool {shown(pool.name)} lets the same Pods through as {shown(first.name)}, which "
        f"comes first by name alone: {shown(pool.name)} is used when {shown(first.name)} is full",
        f"put the addresses into {shown(first.name)}, or say which pool goes first with the "
        "annotation `poolweaver.io/priority`",
        about=first.name,
        related=(Related(first.document.span(("metadata", "name")), "the pool that goes first"),),
        witness=witness_of(pool.box),
    )


RULE = Rule(
    "duplicate-selector",
    WARNING,
    "default pools let the same Pods through, and only their names order them",
    _find,
)
