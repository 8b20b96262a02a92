"""The pools of a store as the agent knows them: all of them, in the index over default pools.

Kept up to date by the pools' weights, the summands of the digest of all rules: a pool whose weight
is the same is the same to a decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.index import PoolIndex
from store.pools import StoredPools

if TYPE_CHECKING:
    from store.database import Database

WEIGHTS = "SELECT name, weight FROM pool INDEXED BY pool_by_weight"


class KnownPools:
    """An index, and the digest of the rules that it stands for; empty for none yet."""

    def __init__(self) -> None:
        self.index = PoolIndex()
        self.digest = ""
        self._weights: dict[str, bytes] = {}

    def refresh(self, database: Database, digest: str) -> None:
        """Bring the index to the store's pools; costs nothing while `digest` is the same.

        Else the names and weights of all pools are read, and of the pools themselves those alone
        that are new or changed.
        """
        if digest == self.digest:
            return
        found: dict[str, bytes] = dict(database.rows(WEIGHTS))
        for name in self._weights.keys() - found.keys():
            self.index.remove(name)
        changed = [name for name, weight in found.items() if self._weights.get(name) != weight]
        serving = StoredPools(database).serving(changed)
        if self._weights:
            for pool in serving.values():
                self.index.add(pool)
        else:
            self.index = PoolIndex(serving.values())
        self._weights = found
        self.digest = digest
