"""Names in pools that nothing known bears: what the rules about unknown names share."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from policy.lint.finding import Finding
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.normal.domains import Place, place_of
from policy.places import Path
from policy.wording import did_you_mean, listed, shown

_MOST_NAMED = 5


def unknown_names(
    rule: Rule, pool: LintedPool, place: Place, kind: str, known: Collection[str], prefix: str = ""
) -> Iterator[Finding]:
    """A finding for each name that a check of `place` asks for and no `known` one is.

    `prefix` stands before names in checks, and need not stand before those in manifests.
    """
    for number, check in enumerate(pool.rules.checks):
        if check[3] in ("=", "in") and place_of(check) == place:
            for name in sorted(set(check[4]).difference(known)):
                path = value_path(pool, number, name, prefix)
                yield _finding(rule, pool, (path, check[0]), kind, name, known)


def value_path(pool: LintedPool, number: int, value: str, prefix: str = "") -> Path:
    """Where a value of the check of that number stands; the field where it stands nowhere."""
    path = pool.paths[number]
    found: Any = pool.document.data
    for step in path:
        found = found[step]
    if isinstance(found, dict) and "values" in found:
        path, found = (*path, "values"), found["values"]
    for written in (value, value.removeprefix(prefix)):
        if isinstance(found, list) and written in found:
            return (*path, found.index(written))
    return path


def _finding(
    rule: Rule,
    pool: LintedPool,
    place: tuple[Path, str],
    kind: str,
    name: str,
    known: Collection[str],
) -> Finding:
    path, origin = place
    return rule.at(
        pool.document,
        path,
        f"the pool {shown(pool.name)} is for the {kind} {shown(name)} by `{origin}`, and there is "
        f"no {kind} of that name",
        did_you_mean(name, known) or f"correct the name, or take it away: {_told(known)}",
        about=name,
    )


def _told(known: Collection[str]) -> str:
    names = sorted(known)
    more = len(names) - _MOST_NAMED
    if more > 1:
        return f"known are {', '.join(map(shown, names[:_MOST_NAMED]))} and {more} more"
    return f"known {'is' if len(names) == 1 else 'are'} {listed(names, 'and')}"
