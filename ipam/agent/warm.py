"""The store as the agent uses it: what seldom changes is remembered between calls.

    settings        until somebody writes to the store, or this agent to a setting
    serving pools   until the digest of all rules is another one

Leases, facts and counts are always read. What is remembered is looked at again at the start of
every batch (`Memory.look`); within its transaction nobody else can write.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING

from model.pools import ServingPool
from store.database import Database
from store.pools import StoredPools
from store.settings import Settings
from store.store import Store

if TYPE_CHECKING:
    from store.settings import Value


class Memory:
    """What is remembered of one store."""

    def __init__(self) -> None:
        self.settings: dict[str, Value] | None = None
        self.bound_node: str | None = None
        self.digest = ""
        self.pools: dict[str, ServingPool | None] = {}
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
        """Remember nothing, such as after a transaction that was undone."""
        self.digest = ""
        self.pools.clear()
        self.settings = self.bound_node = self.terminating = None

    def know_rules(self, digest: str) -> None:
        """Forget the pools if these are other rules."""
        if digest != self.digest:
            self.digest = digest
            self.pools.clear()
            self.terminating = None


class WarmStore(Store):
    """A store with a memory. Closing it is a no-op: the file belongs to whoever opened it."""

    __slots__ = ("memory",)

    def __init__(self, database: Database, memory: Memory | None = None) -> None:
        super().__init__(database)
        self.memory = memory or Memory()

    @property
    def pools(self) -> StoredPools:
        """Pools, serving ones from memory."""
        return WarmPools(self.database, self.memory)

    @property
    def settings(self) -> Settings:
        """Settings, from memory."""
        return WarmSettings(self.database, self.memory)

    def on(self, database: Database) -> Store:
        """The same store in another transaction, with the same memory."""
        return WarmStore(database, self.memory)

    def close(self) -> None:
        """A no-op."""


class WarmPools(StoredPools):
    """Pools of a store with a memory."""

    __slots__ = ("_memory",)

    def __init__(self, database: Database, memory: Memory) -> None:
        super().__init__(database)
        self._memory = memory

    def rules_digest(self) -> str:
        """The digest of all rules, read anew."""
        digest = super().rules_digest()
        self._memory.know_rules(digest)
        return digest

    def serving(self, names: Sequence[str]) -> dict[str, ServingPool]:
        """The named pools that exist, as the digest stands."""
        self.rules_digest()
        known = self._memory.pools
        missing = [name for name in names if name not in known]
        if missing:
            found = super().serving(missing)
            known.update((name, found.get(name)) for name in missing)
        return {name: pool for name in names if (pool := known[name]) is not None}

    def terminating(self) -> builtins.list[str]:
        """The names of all pools that are being drained, as the digest stands."""
        self.rules_digest()
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
