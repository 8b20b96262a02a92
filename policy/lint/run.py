"""Running rules: everything found, in the order in which a reader goes through the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policy.lint.finding import SEVERITIES, Finding
from policy.lint.linted import Linted
from policy.lint.refused import refusals
from policy.lint.registry import all_rules
from policy.lint.rule import Rule


def lint(
    linted: Linted,
    rules: Sequence[Rule] | None = None,
    tell: Callable[[str, int, int], None] | None = None,
) -> list[Finding]:
    """The findings of the rules (all of them unless told otherwise), refusals of `apply` first.

    They stand in the order of files as given, then of lines and columns, then of rules. Rules that
    need a world are passed over where there is none. `tell` is told of each rule before it runs:
    its id, how many ran, and how many there are. Pure: the same input gives the same findings.
    """
    chosen = list(all_rules().values()) if rules is None else list(rules)
    ready = [rule for rule in chosen if linted.world is not None or not rule.needs_world]
    found = list(refusals(linted))
    for count, rule in enumerate(ready):
        if tell:
            tell(rule.id, count, len(ready))
        found.extend(rule.find(linted))
    places = {name: place for place, name in enumerate(linted.files)}
    return sorted(found, key=lambda one: _order(one, places))


def _order(finding: Finding, places: dict[str, int]) -> tuple[int, int, int, int, str, str]:
    span = finding.span
    gravity = SEVERITIES.index(finding.severity)
    place = places.get(span.file, len(places))
    return place, span.line, span.column, gravity, finding.rule, finding.about
