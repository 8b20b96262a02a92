"""The index against the evaluator: the same pools, in the same order, or what differs first."""

from __future__ import annotations

from itertools import zip_longest

from model.decisions import UNDECIDED
from policy.evaluate import CLUSTER_DEFAULT, decide_family
from policy.standing import Known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.facts import Facts
    from model.pools import ServingPool
    from policy.index import PoolIndex, Stands


def disagreement(index: PoolIndex, facts: Facts, family: int) -> str:
    """How the index's answer differs from the evaluator's over the same pools; empty if not at all.

    Looks at every default pool: for `--verify-index` and for tests, not for a hot path.
    """
    return difference(list(index.walk(Known(facts, family))), ranked(facts, family, index.pools()))


def ranked(facts: Facts, family: int, pools: Iterable[ServingPool]) -> list[Stands]:
    """What `PoolIndex.walk` is to give, by the evaluator: the default pools that stand, by rank."""
    defaults = {
        pool.rules.name: pool
        for pool in pools
        if pool.rules.default and pool.rules.family == family
    }
    rules = [pool.rules for pool in defaults.values()]
    candidates = decide_family(facts, family, CLUSTER_DEFAULT, rules).candidates
    return [
        (defaults[one.pool], None if one.outcome == UNDECIDED else True)
        for one in candidates
        if one.rank
    ]


def difference(found: Sequence[Stands], right: Sequence[Stands]) -> str:
    """The first place where what an index found differs from what is right; empty if none does."""
    pairs = enumerate(zip_longest(found, right), 1)
    unlike = next(((place, pair) for place, pair in pairs if pair[0] != pair[1]), None)
    if unlike is None:
        return ""
    place, (ours, theirs) = unlike
    if ours and theirs and (ours[0].rules.name, ours[1]) == (theirs[0].rules.name, theirs[1]):
        return f"the index has pool `{ours[0].rules.name}` at rank {place} as it was before"
    return f"the index gives {_told(ours)} at rank {place}, the evaluator {_told(theirs)}"


def _told(found: Stands | None) -> str:
    if found is None:
        return "no more pool"
    return f"`{found[0].rules.name}`{' (undecided)' if found[1] is None else ''}"
