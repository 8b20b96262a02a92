"""`rank-tie`: default pools that share Pods and differ in rank by their names alone."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.normal.among import bits
from policy.normal.answer import YES
from policy.normal.box import implies
from policy.normal.witness import witness_of
from policy.wording import shown

_MOST_RELATED = 5


def _find(linted: Linted) -> Iterator[Finding]:
    standings = linted.standings
    for place, pool in enumerate(standings.pools):
        before = standings.same_rank_before(place)
        tied = standings.among.overlapping(pool.box, before) if before else 0
        tied &= ~standings.same_box(place)
        if tied:
            some = [standings.pools[place] for place in _first(tied)]
            yield _finding(pool, some, tied.bit_count())


def _first(mask: int) -> list[int]:
    return [place for place, _ in zip(bits(mask), range(_MOST_RELATED), strict=False)]


def _finding(pool: LintedPool, before: list[LintedPool], count: int) -> Finding:
    first = before[0]
    name, other = shown(pool.name), shown(first.name)
    more = f" and {count - 1} more" if count > 1 else ""
    if implies(pool.box, first.box) is YES:
        told = f"every Pod that it lets through gets {other} until that is full"
    else:
        told = f"a Pod that both let through gets {other}"
    return RULE.at(
        pool.document,
        ("metadata", "name"),
        f"the pool {name} ties with {other}{more}, and only the name decides: {told}",
        "say which pool goes first with the annotation `poolweaver.io/priority`, or let the "
        "selectors exclude each other",
        about=first.name,
        related=tuple(
            Related(
                one.document.span(("metadata", "name")), f"{shown(one.name)}, before it by name"
            )
            for one in before
        ),
        witness=witness_of(pool.box.meet(first.box)),
    )


RULE = Rule(
    "rank-tie",
    WARNING,
    "default pools share Pods, and only their names decide between them",
    _find,
)
