"""The store as the agent uses it: what seldom changes is remembered between calls.

    settings      until somebody writes to the store, or this agent to a setting
    pools         until the digest of all rules is another one, in an index (`known_pools`)

Leases, facts and counts are always read. What is remembered is looked at again at the start of
every batch (`Memory.look`); within its transaction nobody else can write.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ipam.agent.checked_index import CheckedIndex
from ipam.agent.known_pools import KnownPools
from model.naming import natural_key
from store.database import Database
from store.pools import StoredPools
from store.settings import Settings
from store.store import Store

if TYPE_CHECKING:
    from model.pools import DefaultPool, ServingPool
    from policy.index import PoolIndex
    from store.settings import Value


class Memory:
    """What is remembered of one store."""

    def __init__(self) -> None:
        self.settings: dict[str, Value] | None = None
        self.bound_node: str | None = None
        self.pools = KnownPools()
        self.terminating: list[str] | None = None
        self._data_version = -1

    def look(self, database: Database) -> None:
        """Forget what somebody else may have changed since."""
        row = database.row("PRAGMA data_version")
        version = int(row[0]) if row else 0
        if version != self._data_version:
            self._data_version = version
            self.forget()

    def forget(self) -> None:
        """Remember nothing, such as after a transaction that was undone.

        Pools stay: another digest tells what is to be read of them.
        """
        self.settings = self.bound_node = self.terminating = None


class WarmStore(Store):
    """A store with a memory. Closing it is a no-op: the file belongs to whoever opened it."""

    __slots__ = ("_report", "memory")

    def __init__(
        self,
        database: Database,
        memory: Memory | None = None,
        report: Callable[[str], object] | None = None,
    ) -> None:
        """With `report` the index is checked for every decision (`ipam.agent.checked_index`)."""
        super().__init__(database)
        self.memory = memory or Memory()
        self._report = report

    @property
    def pools(self) -> WarmPools:
        """Pools, serving ones from memory."""
        return WarmPools(self.database, self.memory)

    @property
    def settings(self) -> Settings:
        """Settings, from memory."""
        return WarmSettings(self.database, self.memory)

    @property
    def index(self) -> PoolIndex | CheckedIndex:
        """The index over the pools, as the store has them now."""
        index = self.pools.known().index
        return CheckedIndex(index, self.database, self._report) if self._report else index

    def on(self, database: Database) -> Store:
        """The same store in another transaction, with the same memory."""
        return WarmStore(database, self.memory, self._report)

    def close(self) -> None:
        """A no-op."""


class WarmPools(StoredPools):
    """Pools of a store with a memory."""

    __slots__ = ("_memory",)

    def __init__(self, database: Database, memory: Memory) -> None:
        super().__init__(database)
        self._memory = memory

    def known(self) -> KnownPools:
        """The pools as the store has them now."""
        pools = self._memory.pools
        digest = self.rules_digest()
        if digest != pools.digest:
            pools.refresh(self._database, digest)
            self._memory.terminating = None
        return pools

    def names(self, family: int) -> builtins.list[str]:
        """The names of all pools of a family, in natural order."""
        return sorted(self.known().index.names(family), key=natural_key)

    def serving(self, names: Sequence[str]) -> dict[str, ServingPool]:
        """The named pools that exist, in the order of `names`."""
        index = self.known().index
        return {name: pool for name in names if (pool := index.get(name)) is not None}

    def default_checks(self, family: int) -> builtins.list[DefaultPool]:
        """The default pools in no order, and of them no more than decides whether they stand."""
        return self.known().index.default_checks(family)

    def terminating(self) -> builtins.list[str]:
        """The names of all pools that are being drained, in natural order."""
        self.known()
        if self._memory.terminating is None:
            self._memory.terminating = super().terminating()
        return self._memory.terminating


class WarmSettings(Settings):
    """Settings of a store with a memory."""

    __slots__ = ("_memory",)

    def __init__(self, database: Database, memory: Memory) -> None:
        super().__init__(database)
        self._memory = memory

    def get(self, key: str) -> Value:
        """The value of one key; ConfigurationError for an unknown one."""
        if self._memory.settings is None:
            self._memory.settings = self.all()
        known = self._memory.settings
        return known[key] if key in known else super().get(key)

    def set(self, key: str, value: str | bool | int) -> None:
        """Store a value."""
        self._memory.settings = self._memory.bound_node = None
        super().set(key, value)

    def bound_node(self) -> str | None:
        """The node this store serves, or None before its first CNI ADD."""
        if self._memory.bound_node is None:
            self._memory.bound_node = super().bound_node()
        return self._memory.bound_node
