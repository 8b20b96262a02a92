"""How the pools that Pods get without naming them stand to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy.evaluate import CLUSTER_DEFAULT, why_before
from policy.lint.pools import LintedPool
from policy.normal.among import Among, bits
from policy.normal.answer import NO, YES
from policy.normal.box import Box, satisfiable
from policy.normal.cover import BUDGET, covered
from policy.ranks import rank_of, sort_key

_Meant = tuple[Box, tuple[str, ...]]
# Boxes that questions about unions may look at in one run, over all pools.
_RUN_BUDGET = 100_000
# Other pools that one question about a union looks at.
_MOST_OTHERS = 64


class Standings:
    """Default pools that some Pod may match, best first. A set of them is a number whose bits are
    places in that order, so of two in one set the lower bit is asked first.
    """

    def __init__(self, pools: Sequence[LintedPool]) -> None:
        able = [pool for pool in pools if pool.is_candidate and satisfiable(pool.box) is not NO]
        keyed = sorted(((sort_key(pool.rules), pool) for pool in able), key=lambda pair: pair[0])
        self.pools = [pool for _, pool in keyed]
        self.among = Among([pool.box for pool in self.pools])
        self._starts = _starts([rank_of(pool.rules) for pool in self.pools])
        self._budget = _RUN_BUDGET
        self._same: dict[Box, int] = {}
        self._meant: dict[_Meant, int] = {}
        for place, pool in enumerate(self.pools):
            self._same[pool.box] = self._same.get(pool.box, 0) | 1 << place
            key = pool.box, tuple(pool.rules.ranked)
            self._meant[key] = self._meant.get(key, 0) | 1 << place

    def same_rank_before(self, place: int) -> int:
        """Pools that only their name puts before this one."""
        return (1 << place) - (1 << self._starts[place])

    def better_rank(self, place: int) -> int:
        """Pools that stand before this one, whatever their names."""
        return (1 << self._starts[place]) - 1

    def same_box(self, place: int) -> int:
        """Pools that let the same Pods through, this one among them."""
        return self._same[self.pools[place].box]

    def meant_before(self, place: int) -> int:
        """Pools for the same Pods with the same fields: their priorities say which goes first."""
        pool = self.pools[place]
        return self._meant[pool.box, tuple(pool.rules.ranked)]

    def named(self, mask: int) -> Iterator[LintedPool]:
        """The pools of a set, best first."""
        return (self.pools[place] for place in bits(mask))

    def why_before(self, first: LintedPool, second: LintedPool) -> str:
        """Why one comes before the other, in the words of `explain`."""
        return why_before(first.rules, second.rules, CLUSTER_DEFAULT)

    def covering(self, place: int, within: int) -> list[LintedPool]:
        """Pools of `within` that together let through every Pod that this one does.

        Empty where they do not, and where it is not known within the budget.
        """
        box = self.pools[place].box
        mask = self.among.overlapping(box, within)
        if not mask or mask.bit_count() > _MOST_OTHERS or self._budget <= 0:
            return []
        others = list(self.named(mask))
        self._budget -= len(others)
        verdict, _ = covered(box, (other.box for other in others), min(BUDGET, self._budget))
        if verdict is not YES:
            return []
        return self._needed(box, others)

    def _needed(self, box: Box, others: list[LintedPool]) -> list[LintedPool]:
        """As few of them as dropping one after the other leaves."""
        left = list(others)
        for other in reversed(others):
            rest = [one for one in left if one is not other]
            self._budget -= len(rest)
            if covered(box, (one.box for one in rest))[0] is YES:
                left = rest
        return left


def _starts(ranks: Sequence[bytes]) -> list[int]:
    """For each place, the first place of the same rank."""
    starts: list[int] = []
    for place, rank in enumerate(ranks):
        same = place and ranks[place - 1] == rank
        starts.append(starts[-1] if same else place)
    return starts
