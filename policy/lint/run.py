"""Running rules: everything found, in the order in which a reader goes through the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policy.lint.finding import SEVERITIES, Finding
from policy.lint.linted import Linted
from policy.lint.living.ignored import Ignored
from policy.lint.living.settle import settle
from policy.lint.overlaps import shared
from policy.lint.refused import refusals
from policy.lint.registry import all_rules
from policy.lint.rule import Rule, lacking
from policy.lint.rules import unused_ignore
from policy.lint.world import STANDALONE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found and is to be reported, in order, and what was ignored."""

    findings: list[Finding]
    ignored: list[Ignored]


def lint(
    linted: Linted,
    rules: Sequence[Rule] | None = None,
    tell: Callable[[str, int, int], None] | None = None,
) -> list[Finding]:
    """What `run` finds and nobody ignored."""
    return run(linted, rules, tell).findings


def run(
    linted: Linted,
    rules: Sequence[Rule] | None = None,
    tell: Callable[[str, int, int], None] | None = None,
) -> Outcome:
    """The findings of the rules (all of them unless told otherwise), and refusals of `apply`.

    They stand in the order of files as given, then of lines and columns, then of rules. Rules that
    need what is not known are passed over (`passed_over` says which). `tell` is told of each
    rule before it runs: its id, how many ran, and how many there are. Pure: the same input gives
    the same findings.
    """
    chosen = list(all_rules().values()) if rules is None else list(rules)
    ready = [rule for rule in chosen if not lacking(rule, linted)]
    found = [*refusals(linted), *shared(linted)]
    for count, rule in enumerate(ready):
        if tell:
            tell(rule.id, count, len(ready))
        found.extend(rule.find(linted))
    settled = settle(linted, found)
    ran = [rule.id for rule in ready]
    if unused_ignore.RULE.id in ran:
        unused = unused_ignore.unused(settled.unused, linted, ran, all_rules())
        settled.findings.extend(unused)
    places = {name: place for place, name in enumerate(linted.files)}
    return Outcome(
        sorted(settled.findings, key=lambda one: _order(one, places)),
        sorted(settled.ignored, key=lambda one: _order(one.finding, places)),
    )


def passed_over(linted: Linted, rules: Sequence[Rule] | None = None) -> list[tuple[Rule, str]]:
    """The rules that were not run for want of objects, each with why, in words.

    Without those that `--standalone` asks for: nobody misses them.
    """
    chosen = all_rules().values() if rules is None else rules
    wants = [(rule, lacking(rule, linted)) for rule in chosen if STANDALONE not in rule.needs]
    return [(rule, f"no {' and no '.join(kinds)} is known") for rule, kinds in wants if kinds]


def _order(finding: Finding, places: dict[str, int]) -> tuple[int, int, int, int, str, str]:
    span = finding.span
    gravity = SEVERITIES.index(finding.severity)
    place = places.get(span.file, len(places))
    return place, span.line, span.column, gravity, finding.rule, finding.about
