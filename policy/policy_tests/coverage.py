"""What a run of policy tests has seen of the pools: which were chosen, which requirements did both.

A requirement that never was true may be one that no Pod can meet; one that never was false may not
filter at all. No test says so either way, which is why they are listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from model.decisions import CHOSEN, Decision
from model.rules import PoolRules, check_text

# A pool is known by its name and the place of its manifest: several worlds may have the same.
PoolKey = tuple[str, str]
OUTCOMES = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class Gap:
    """A pool that never was chosen, or a requirement that never was true, or false, or either.

    `requirement` is empty for the pool itself. `never` holds `chosen`, or `true`, `false` or both.
    """

    pool: str
    field: str
    requirement: str
    place: str
    never: tuple[str, ...]


@dataclass(slots=True)
class Coverage:
    """Filled by `expects` and `saw`; then it can be asked."""

    _pools: dict[PoolKey, PoolRules] = field(default_factory=dict)
    _chosen: set[PoolKey] = field(default_factory=set)
    _seen: set[tuple[PoolKey, int, bool]] = field(default_factory=set)

    def expects(self, pools: Iterable[PoolRules]) -> None:
        """That these pools, spans included, are what tests can see; knowing one is a no-op."""
        for pool in pools:
            self._pools.setdefault(_key(pool), pool)

    def saw(self, pools: Iterable[PoolRules], decision: Decision) -> None:
        """That `decision` was taken over these pools."""
        keys = {pool.name: _key(pool) for pool in pools}
        for family in decision.families:
            for candidate in family.candidates:
                key = keys[candidate.pool]
                if candidate.outcome == CHOSEN and decision.error is None:
                    self._chosen.add(key)
                for index, check in enumerate(candidate.checks):
                    if check.ok is not None:
                        self._seen.add((key, index, check.ok))

    @property
    def pools(self) -> tuple[int, int]:
        """(pools chosen by a test, all pools)."""
        return len(self._chosen), len(self._pools)

    @property
    def requirements(self) -> tuple[int, int]:
        """(requirements seen both true and false, all requirements)."""
        missing = sum(1 for gap in self.gaps() if gap.requirement)
        total = sum(len(_requirements(pool)) for pool in self._pools.values())
        return total - missing, total

    def gaps(self) -> list[Gap]:
        """All that no test has seen, pool by pool in the order they became known."""
        gaps = []
        for key, pool in self._pools.items():
            if key not in self._chosen:
                gaps.append(Gap(pool.name, "", "", key[1], ("chosen",)))
            for index in _requirements(pool):
                never = tuple(
                    word for ok, word in OUTCOMES.items() if (key, index, ok) not in self._seen
                )
                if never:
                    check = pool.checks[index]
                    place = str(pool.spans[index]) if pool.spans else ""
                    gaps.append(Gap(pool.name, check[0], check_text(check), place, never))
        return gaps


def _requirements(pool: PoolRules) -> list[int]:
    """The places of the checks that the manifest asks for: not that of the pool's own family."""
    return [index for index, check in enumerate(pool.checks) if check[1] != "ip.family"]


def _key(pool: PoolRules) -> PoolKey:
    return pool.name, str(pool.spans[0]) if pool.spans else ""
