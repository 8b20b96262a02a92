"""Stepping through a decision: its checks in the order in which they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy.evaluate import sorted_by_rank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.decisions import Candidate, CheckResult, Decision
    from model.pools import ServingPool


@dataclass(frozen=True, slots=True)
class Step:
    """One check of one candidate; `number` of `count`, from 1. Without checks, `check` is None."""

    family: int
    candidate: Candidate
    number: int
    count: int
    check: CheckResult | None

    def meets(self, breakpoint_: str) -> bool:
        """Whether the pool, the subject or the key of the check is that of a breakpoint."""
        if breakpoint_ == self.candidate.pool:
            return self.number <= 1
        if self.check is None:
            return False
        _, subject, key, _, _ = self.check.check
        return breakpoint_ in (subject, key, f"{subject}.{key}", self.check.subject)

    @property
    def ends_pool(self) -> bool:
        """Whether nothing is left to look at in this pool."""
        return self.number >= self.count

    def to_json(self) -> dict[str, object]:
        """The step as JSON values."""
        return {
            "family": self.family,
            "pool": self.candidate.pool,
            "number": self.number,
            "of": self.count,
            "check": self.check.to_json() if self.check else None,
            "outcome": self.candidate.outcome if self.ends_pool else None,
        }


class Stepper:
    """The steps of a decision, and how far it was walked: pools in rank order, family by family."""

    def __init__(
        self, decision: Decision, pools: Mapping[int, Sequence[ServingPool]], source: str
    ) -> None:
        self._steps = [
            step
            for family in decision.families
            for step in _steps(
                family.family,
                {candidate.pool: candidate for candidate in family.candidates},
                pools[family.family],
                source,
            )
        ]
        self._place = 0

    @property
    def is_over(self) -> bool:
        """Whether every step was taken."""
        return self._place >= len(self._steps)

    def step(self) -> Step | None:
        """The next check; None at the end."""
        if self.is_over:
            return None
        self._place += 1
        return self._steps[self._place - 1]

    def next(self, breakpoints: Sequence[str]) -> list[Step]:
        """The steps up to the end of the pool, or with breakpoints up to the first one met."""
        taken: list[Step] = []
        while (step := self.step()) is not None:
            taken.append(step)
            if breakpoints and any(step.meets(one) for one in breakpoints):
                break
            if not breakpoints and step.ends_pool:
                break
        return taken


def _steps(
    family: int, judged: Mapping[str, Candidate], pools: Sequence[ServingPool], source: str
) -> list[Step]:
    steps = []
    for rules in sorted_by_rank([pool.rules for pool in pools], source):
        candidate = judged[rules.name]
        count = len(candidate.checks)
        if not count:
            steps.append(Step(family, candidate, 0, 0, None))
        steps += [
            Step(family, candidate, number, count, check)
            for number, check in enumerate(candidate.checks, 1)
        ]
    return steps
