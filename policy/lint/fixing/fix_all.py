"""Lint and fix in turns, until nothing is left that can be fixed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policy.lint.finding import Finding
from policy.lint.fixing.fix_texts import fix_text

MOST_ROUNDS = 20  # each needs a fix that made room for another

Texts = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The (file name, content) pairs after fixes, what was fixed, and what is left of it."""

    texts: Texts
    fixed: Sequence[Finding]
    left: Sequence[Finding]


def fix_all(texts: Sequence[tuple[str, bytes]], find: Callable[[Texts], list[Finding]]) -> Fixed:
    """Fix what `find` finds in the texts, at most `MOST_ROUNDS` times.

    `left` is what it finds in the end. Running it again changes nothing, unless the rounds did not
    suffice.
    """
    now = list(texts)
    done: list[Finding] = []
    found = find(now)
    for _ in range(MOST_ROUNDS):
        now, fixed = _round(now, found)
        if not fixed:
            break
        done += fixed
        found = find(now)
    return Fixed(now, done, found)


def _round(texts: Texts, found: Sequence[Finding]) -> tuple[Texts, list[Finding]]:
    by_file: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.fixes:
            by_file.setdefault(finding.fixes[0].document.file, []).append(finding)
    done: list[Finding] = []
    after: Texts = []
    for name, data in texts:
        if name in by_file:
            data, fixed = fix_text(data, name, by_file[name])  # noqa: PLW2901 - the same file, later
            done += fixed
        after.append((name, data))
    return after, done
