"""Default pools that stand, found by anchors: what a claim needs of them, whatever their number.

    probes of the facts ─> pages of filed pools, best rank first ─> those that stand

A page is looked at only while nothing stands, or when all that stood turned out to be full. What
comes out is what the naive evaluator would put first, in its order; a refusal, whose reasons are
about pools that do not match, is made of a `policy.tally`.
"""

from __future__ import annotations

from itertools import islice

from model.record import Record
from policy.anchors import probes
from policy.ranks import sort_key
from policy.reasons import NEAREST
from policy.standing import Known, standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipam.agent.checked_index import CheckedIndex
    from model.facts import Facts
    from model.pools import ServingPool
    from policy.index import PoolIndex, Stands
    from store.store import Store

    Walkable = PoolIndex | CheckedIndex

FIRST_PAGE, LATER_PAGE = 16, 256  # pools; the first is often all that is read
ASKED_AT_ONCE = 200  # pools, whether they have room
FROM_INDEX = 4  # pools that stand, of which the first often has an address


class Shortlist(Record):
    """The best default pools of a family that stand, in rank order.

    `undecided` says that the last of them is undecided: nothing is looked at behind it. `after` is
    the rank up to which all pools were looked at, None where there are no more of interest.
    `checks_done` counts the checks that were evaluated for it.
    """

    __slots__ = ("after", "checks_done", "pools", "undecided")

    def __init__(
        self,
        pools: Sequence[ServingPool] = (),
        undecided: bool = False,
        after: bytes | None = b"",
        checks_done: int = 0,
    ) -> None:
        self.pools = pools
        self.undecided = undecided
        self.after = after
        self.checks_done = checks_done

    @property
    def eligible(self) -> Sequence[ServingPool]:
        """The pools that a claim may try."""
        return self.pools[:-1] if self.undecided else self.pools


def extend(
    store: Store, facts: Facts, family: int, so_far: Shortlist, *, may_skip_full: bool = True
) -> Shortlist:
    """The shortlist with at least one more pool that stands, if there is one.

    The pools so far are known to be full. Behind more of them than a reason names, other full ones
    are passed over unseen, unless `may_skip_full` is off; where facts are missing none is, since a
    full pool that is undecided decides, too.
    """
    if so_far.after is None:
        return so_far
    index = getattr(store, "index", None)  # of a process that keeps one, such as the agent
    if index is not None:
        return _from_index(index, store, facts, family, so_far, may_skip_full)
    known = Known(facts, family)
    anchors, unknown = probes(known)
    skip = may_skip_full and not unknown and len(so_far.pools) > NEAREST
    after: bytes | None = so_far.after
    found: list[ServingPool] = []
    while after is not None and not found:
        limit = LATER_PAGE if after else FIRST_PAGE
        page = store.pools.serving_anchored(family, anchors, unknown, after, limit, with_room=skip)
        after = sort_key(page[-1].rules) if len(page) == limit else None
        for pool in page:
            verdict = standing(known, pool.rules)
            if verdict is not False:
                found.append(pool)
            if verdict is None:
                return Shortlist([*so_far.pools, *found], True, None, _done(so_far, known))
    return Shortlist([*so_far.pools, *found], False, after, _done(so_far, known))


def _from_index(
    index: Walkable,
    store: Store,
    facts: Facts,
    family: int,
    so_far: Shortlist,
    may_skip_full: bool,
) -> Shortlist:
    """`extend`, by an index in memory."""
    known = Known(facts, family)
    skip = may_skip_full and not probes(known)[1] and len(so_far.pools) > NEAREST
    found: list[ServingPool] = []
    walked = index.walk(known, so_far.after or b"")
    for pool, verdict in _with_room(store, walked) if skip else walked:
        found.append(pool)
        if verdict is None:
            return Shortlist([*so_far.pools, *found], True, None, _done(so_far, known))
        if len(found) == FROM_INDEX:
            after = sort_key(pool.rules)
            return Shortlist([*so_far.pools, *found], False, after, _done(so_far, known))
    return Shortlist([*so_far.pools, *found], False, None, _done(so_far, known))


def _with_room(store: Store, walked: Iterator[Stands]) -> Iterator[Stands]:
    """Those of which something could be claimed now; the store is asked for many at a time."""
    while page := list(islice(walked, ASKED_AT_ONCE)):
        usage = store.pools.usage([pool.rules.name for pool, _ in page])
        for pool, verdict in page:
            counts = usage.get(pool.rules.name)
            if counts is not None and counts.free:
                yield pool, verdict


def _done(so_far: Shortlist, known: Known) -> int:
    return so_far.checks_done + known.checks_done
