"""Findings parted into those that are reported and those that an author ignored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policy.lint.finding import Finding
from policy.lint.linted import Linted
from policy.lint.living.ignored import Ignored
from policy.lint.living.ignores import Ignore, ignores_of
from policy.lint.refused import REFUSALS


@dataclass(frozen=True, slots=True)
class Settled:
    """What is reported, what is ignored, and the ignores that nothing was found for."""

    findings: list[Finding]
    ignored: list[Ignored]
    unused: list[Ignore]


def settle(linted: Linted, found: Iterable[Finding]) -> Settled:
    """Put aside what a comment or an annotation ignores; errors of `apply` cannot be ignored."""
    by_rule: dict[tuple[str, str], list[Ignore]] = {}
    for ignore in ignores_of(linted):
        by_rule.setdefault((ignore.rule, ignore.span.file), []).append(ignore)
    used: set[int] = set()
    settled = Settled([], [], [])
    for finding in found:
        near = (
            () if finding.rule in REFUSALS else by_rule.get((finding.rule, finding.span.file), ())
        )
        covering = [ignore for ignore in near if ignore.covers(finding)]
        used.update(map(id, covering))
        if covering:
            settled.ignored.append(Ignored(finding, covering[0].how, covering[0].reason))
        else:
            settled.findings.append(finding)
    every = (ignore for group in by_rule.values() for ignore in group)
    settled.unused.extend(ignore for ignore in every if id(ignore) not in used)
    return settled
