"""`contradictory-requirement`: requirements of one selector that no object meets together."""

from __future__ import annotations

from collections.abc import Iterator

from model.rules import check_text
from policy.lint.finding import ERROR, Finding, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.normal.answer import NO
from policy.normal.box import satisfiable
from policy.normal.requirements import contradictions
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        if satisfiable(pool.box) is NO:
            yield from _contradictions(pool)


def within_one_field(pool: LintedPool) -> list[tuple[int, ...]]:
    """The contradictions of which all requirements stand in one field of the manifest."""
    checks = pool.rules.checks
    groups = contradictions(checks)
    return [group for group in groups if len({checks[index][0] for index in group}) == 1]


def _contradictions(pool: LintedPool) -> Iterator[Finding]:
    for group in within_one_field(pool):
        if len(group) == 1:
            continue
        checks = [pool.rules.checks[index] for index in group]
        last = group[-1]
        texts = [f"`{check_text(check)}`" for check in checks]
        yield RULE.at(
            pool.document,
            pool.paths[last],
            f"no Pod can use the pool {shown(pool.name)}: {texts[-1]} contradicts "
            + " and ".join(texts[:-1]),
            "take one of them away, or list the values in one requirement if any of them will do",
            about=check_text(checks[-1]),
            related=tuple(
                Related(pool.rules.spans[index], check_text(pool.rules.checks[index]))
                for index in group[:-1]
            ),
        )


RULE = Rule(
    "contradictory-requirement",
    ERROR,
    "two requirements of one selector can never hold together",
    _find,
)
