"""The look-up that an embedded ADD makes in the store, on the pools of bench.decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.operations import NOW_SECONDS
from ipam.shortlist import Shortlist, extend
from model.facts import Facts
from model.pools import PoolRecord, ServingPool
from policy.anchors import filing
from policy.ranks import sort_key
from store.create import create_store
from store.store import Store

FIRST = 10 << 24  # 10.0.0.0
PREFIX_BITS = 8


def make_store(db: Path, pools: Sequence[ServingPool]) -> Store:
    """A new store of these pools, each with an address of its own; the caller closes it."""
    store = create_store(db)
    records = [_record(number, pool) for number, pool in enumerate(pools, 1)]
    store.writer.write(records, (), {}, NOW_SECONDS)
    return store


def _record(number: int, pool: ServingPool) -> PoolRecord:
    rules = pool.rules
    return PoolRecord(
        ServingPool(rules.replace(digest=rules.name), FIRST, PREFIX_BITS),
        ((FIRST + number, FIRST + number),),
        {"metadata": {"name": rules.name}},
        f'pool "{rules.name}" {{}}',
        sort=sort_key(rules),
        alternatives=filing(rules.checks),
    )


def looked_up(
    store: Store, *, whole: bool
) -> tuple[Callable[[Facts], Any], Callable[[Any], Sequence[str]]]:
    """The names of the best pools that stand, in one page of them or, `whole`, in all."""

    def ask(facts: Facts) -> Sequence[str]:
        found = extend(store, facts, 4, Shortlist())
        while whole and found.after is not None:
            found = extend(store, facts, 4, found, may_skip_full=False)
        return [pool.rules.name for pool in found.pools]

    return lambda facts: facts, ask
