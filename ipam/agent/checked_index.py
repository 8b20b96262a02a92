"""`--verify-index`: what the index finds, checked against the rules before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from policy.index_check import difference, ranked
from policy.ranks import sort_key
from store.pools import StoredPools

if TYPE_CHECKING:
    from policy.index import PoolIndex, Stands
    from policy.standing import Known
    from store.database import Database


class CheckedIndex:
    """An index that gives what the evaluator finds in the store, and reports where it would not.

    Reads and judges every default pool for each decision.
    """

    def __init__(
        self, index: PoolIndex, database: Database, report: Callable[[str], object]
    ) -> None:
        """`report` is told of each difference, in a line."""
        self._index = index
        self._database = database
        self._report = report

    def walk(self, known: Known, after: bytes = b"") -> Iterator[Stands]:
        """As `PoolIndex.walk`."""
        facts, family = known.facts, known.family
        pools = StoredPools(self._database).serving_default(family)
        right = [one for one in ranked(facts, family, pools) if sort_key(one[0].rules) > after]
        unlike = difference(list(self._index.walk(known, after)), right)
        if unlike:
            whose = f"pod {facts.pod_text}" if facts.pod_text else "a container"
            self._report(f"the index disagrees with the rules: for {whose}, IPv{family}: {unlike}")
        return iter(right)
