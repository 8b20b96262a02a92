"""`redundant-requirement`: a requirement that others imply."""

from __future__ import annotations

from collections.abc import Iterator

from model.rules import check_text
from policy.lint.finding import REMOVE, WARNING, Edit, Finding, Fix, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.normal.requirements import redundant
from policy.places import Path
from policy.wording import shown

_SELECTORS = ("podAffinity", "nodeAffinity", "namespaceAffinity")
_ANNOTATION = "annotation"


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        checks = pool.rules.checks
        found = list(redundant(checks))
        if not found:
            continue
        for field in _SELECTORS:
            yield from _in_selector(
                pool, [i for i, check in enumerate(checks) if check[0] == field]
            )
        yield from (_finding(pool, *one) for one in found if checks[one[0]][0] == _ANNOTATION)


def _in_selector(pool: LintedPool, places: list[int]) -> Iterator[Finding]:
    """What one selector says twice. If nothing would be left of it, it is another rule's business:
    an empty selector is none.
    """
    found = list(redundant([pool.rules.checks[place] for place in places]))
    if len(found) < len(places):
        for index, implying in found:
            yield _finding(pool, places[index], tuple(places[one] for one in implying))


def _finding(pool: LintedPool, place: int, implying: tuple[int, ...]) -> Finding:
    checks, spans = pool.rules.checks, pool.rules.spans
    text, path = check_text(checks[place]), pool.paths[place]
    others = " and ".join(f"`{check_text(checks[index])}`" for index in implying)
    reason = f"since {others} stands there too" if others else "since it holds for every Pod"
    return RULE.at(
        pool.document,
        path,
        f"`{text}` of the pool {shown(pool.name)} changes nothing, {reason}",
        "leave it out",
        about=text,
        related=tuple(Related(spans[index], check_text(checks[index])) for index in implying),
        fixes=_fixes(pool, path, text),
    )


def _fixes(pool: LintedPool, path: Path, text: str) -> tuple[Fix, ...]:
    """To take the requirement away, and the list with it where it is the only one."""
    if path[0] != "spec":
        return ()
    selector = pool.document.data["spec"][path[1]]
    target = path if len(selector[path[2]]) > 1 else path[:3]
    return (Fix(f"leave out `{text}`", pool.document, (Edit(target, REMOVE),)),)


RULE = Rule(
    "redundant-requirement",
    WARNING,
    "a requirement that other requirements of the pool imply",
    _find,
    fixable=True,
)
