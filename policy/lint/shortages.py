"""Whether everybody's addresses fit into the pools that each may use: a flow, and Hall's proof.

web (6) ──┬── blue (4)        web and api ask for 9, and blue and green have 8:
api (3) ──┴── green (4)       no distribution serves both
db  (2) ───── red (10)        red has room for all who may use it: not looked at any further
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MOST_STEPS = 2_000_000


@dataclass(frozen=True, slots=True)
class Shortage:
    """Demands, by their place, that ask together for more than all their pools have."""

    demands: tuple[int, ...]
    pools: frozenset[str]


class BudgetSpentError(Exception):
    """The question was too large: nobody knows."""


def shortages(
    demands: Sequence[tuple[int, Collection[str]]],
    capacities: Mapping[str, int],
    most_steps: int = MOST_STEPS,
) -> list[Shortage] | None:
    """What does not fit: disjoint sets of (number, pools); empty if all of it does.

    Each set is a proof: its demands may use no pools but these, and exceed them. None where that is
    not found out within `most_steps` steps.
    """
    groups: dict[frozenset[str], list[int]] = {}
    for place, (_, pools) in enumerate(demands):
        groups.setdefault(frozenset(pools), []).append(place)
    sums = {pools: sum(demands[place][0] for place in places) for pools, places in groups.items()}
    try:
        found = _Flow(_tight(sums, capacities, most_steps), capacities, most_steps).short()
    except BudgetSpentError:
        return None
    return [
        Shortage(
            tuple(sorted(place for pools in short for place in groups[pools])),
            frozenset().union(*short),
        )
        for short in found
    ]


def _tight(
    sums: Mapping[frozenset[str], int], capacities: Mapping[str, int], most_steps: int
) -> dict[frozenset[str], int]:
    """The groups without those that a pool serves for which it has room whoever else comes."""
    if sum(map(len, sums)) > most_steps:
        raise BudgetSpentError
    users: dict[str, set[frozenset[str]]] = {}
    load: dict[str, int] = {}
    for group, number in sums.items():
        for pool in group:
            users.setdefault(pool, set()).add(group)
            load[pool] = load.get(pool, 0) + number
    left = dict(sums)
    roomy = [pool for pool in load if load[pool] <= capacities[pool]]
    while roomy:
        for group in users.pop(roomy.pop(), ()):
            number = left.pop(group, 0)
            for pool in group if number else ():
                before = load[pool]
                load[pool] -= number
                if before > capacities[pool] >= load[pool]:
                    roomy.append(pool)
    return {group: number for group, number in left.items() if number}


class _Flow:
    """Addresses given out as well as can be, by augmenting paths."""

    def __init__(
        self, demands: Mapping[frozenset[str], int], capacities: Mapping[str, int], steps: int
    ) -> None:
        self.left = dict(demands)
        self.free = {pool: max(capacities[pool], 0) for group in demands for pool in group}
        self.given: dict[str, dict[frozenset[str], int]] = {pool: {} for pool in self.free}
        self.steps = steps

    def short(self) -> list[list[frozenset[str]]]:
        """Sets of groups that exceed all their pools; those that share a group are told once."""
        found: list[list[frozenset[str]]] = []
        told: set[frozenset[str]] = set()
        for group in sorted(self.left, key=sorted):
            stuck = self._serve(group)
            if stuck and told.isdisjoint(stuck):
                found.append(sorted(stuck, key=sorted))
                told.update(stuck)
        return found

    def _serve(self, group: frozenset[str]) -> set[frozenset[str]]:
        """Give a group what it asks for; the groups that stand in its way where that fails."""
        while self.left[group]:
            came_from: dict[str, tuple[frozenset[str], str]] = {}
            reached = {group: ""}
            end = self._search(group, came_from, reached)
            if not end:
                return set(reached)
            self._push(group, end, came_from)
        return set()

    def _search(
        self,
        group: frozenset[str],
        came_from: dict[str, tuple[frozenset[str], str]],
        reached: dict[frozenset[str], str],
    ) -> str:
        """A pool with room that the group can come to, moving others; empty if there is none."""
        waiting = [group]
        for here in waiting:
            for pool in sorted(here):
                self._step()
                if pool in came_from:
                    continue
                came_from[pool] = (here, reached[here])
                if self.free[pool]:
                    return pool
                for other, number in self.given[pool].items():
                    self._step()
                    if number and other not in reached:
                        reached[other] = pool
                        waiting.append(other)
        return ""

    def _push(
        self,
        group: frozenset[str],
        end: str,
        came_from: Mapping[str, tuple[frozenset[str], str]],
    ) -> None:
        """Move as many addresses along the path as it takes."""
        path = []  # (group, the pool it takes from, the pool that it had before, or empty)
        pool = end
        while pool:
            mover, before = came_from[pool]
            path.append((mover, pool, before))
            pool = before
        number = min(self.left[group], self.free[end])
        for mover, _, before in path:
            if before:
                number = min(number, self.given[before][mover])
        for mover, pool, before in path:
            self.given[pool][mover] = self.given[pool].get(mover, 0) + number
            if before:
                self.given[before][mover] -= number
        self.free[end] -= number
        self.left[group] -= number

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise BudgetSpentError
