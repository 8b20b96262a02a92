"""`overflow-only-pool`: a default pool all of whose Pods get better ranked pools first."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.lint.standings import Standings
from policy.normal.among import bits
from policy.normal.witness import witness_of
from policy.wording import listed, shown

_MOST_RELATED = 5


def _find(linted: Linted) -> Iterator[Finding]:
    standings = linted.standings
    for place, pool in enumerate(standings.pools):
        before = standings.better_rank(place) & ~standings.meant_before(place)
        if not before:
            continue
        wider = standings.among.containing(pool.box, before)
        if wider:
            yield _of_one(standings, pool, standings.pools[next(bits(wider))])
        else:
            together = standings.covering(place, before)
            if together:
                yield _of_many(pool, together)


def _of_one(standings: Standings, pool: LintedPool, wider: LintedPool) -> Finding:
    name, other = shown(pool.name), shown(wider.name)
    message = (
        f"the pool {name} is used only when {other} is full: every Pod that it lets through gets "
        f"{other} first ({standings.why_before(wider, pool)})"
    )
    return _finding(pool, [wider], message)


def _of_many(pool: LintedPool, wider: list[LintedPool]) -> Finding:
    shortened = [one.name for one in wider[:_MOST_RELATED]]
    more = len(wider) - len(shortened)
    names = listed(shortened, "and") if not more else f"{listed(shortened, 'and')} and {more} more"
    message = (
        f"the pool {shown(pool.name)} is used only when others are full: every Pod that it lets "
        f"through gets one of {names} first"
    )
    return _finding(pool, wider, message)


def _finding(pool: LintedPool, wider: list[LintedPool], message: str) -> Finding:
    return RULE.at(
        pool.document,
        ("metadata", "name"),
        message,
        "let the better ranked pool leave some of these Pods alone, or, if this one is a reserve, "
        "say so with the annotation `poolweaver.io/lint-ignore-overflow-only-pool`",
        about=",".join(one.name for one in wider),
        related=tuple(
            Related(
                one.document.span(("metadata", "name")), f"{shown(one.name)}, before it by rank"
            )
            for one in wider[:_MOST_RELATED]
        ),
        witness=witness_of(pool.box),
    )


RULE = Rule(
    "overflow-only-pool",
    WARNING,
    "every Pod of a default pool gets better ranked pools until they are full",
    _find,
)
