"""The Protocol `Leases` on SQLite: who holds what, and operations that change it."""

from __future__ import annotations

from model.addresses import address_bytes
from model.errors import StoreBusyError
from model.leases import Busy
from store.bitmap import Bitmap
from store.claim import MOST_RESTED, perform
from store.lease_rows import (
    BY_ADDRESS,
    BY_NETWORK,
    BY_POD,
    BY_POOL,
    HELD_WITHIN,
    KEPT,
    LONGEST_RESTING,
    RESTED,
    bound_to,
    find,
    held_by_tenant,
)
from store.open_ranges import lowest_free

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.leases import Attachment, Lease, Operation, Outcome
    from store.database import Database

# How many changes lie between two steps of pruning: one in so many calls pays a few milliseconds.
PRUNE_EVERY = 128
NEWEST_CHANGE = "SELECT max(id) FROM journal"


class StoredLeases:
    """Leases and the operations on them.

    Invariant: an address has at most one lease, and an attachment at most one bound lease a
    family. Both are unique keys of the table, so no fault of the program can break them.
    """

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def execute(self, operations: Sequence[Operation], now_seconds: int) -> list[Outcome]:
        """One outcome an operation, in their order, in one transaction.

        All `Busy` where the transaction could not begin in time. Any other StoreError is raised
        and undoes the whole batch, so that nothing remains of what was not answered. Only where
        the disk failed to make a commit durable may a crash right after bring the batch back, all
        of it: the same operation then gives `Existing`, and what nobody asks for again is what
        `reconcile` is for.
        """
        if not operations:
            return []
        try:
            with self._database.transaction():
                before = self._newest_change()
                outcomes = [perform(self._database, one, now_seconds) for one in operations]
                if self._newest_change() // PRUNE_EVERY != before // PRUNE_EVERY:
                    self._prune_journal(now_seconds)
                return outcomes
        except StoreBusyError:
            return [Busy() for _ in operations]

    def _newest_change(self) -> int:
        row = self._database.row(NEWEST_CHANGE)
        return (row[0] if row else 0) or 0

    def _prune_journal(self, now_seconds: int) -> None:
        """A step that forgets twice as fast as the journal grows, in the same transaction."""
        from store.journal_pruning import prune_by_settings  # noqa: PLC0415 - once in many calls

        prune_by_settings(self._database, now_seconds, 2 * PRUNE_EVERY)

    def by_attachment(self, attachment: Attachment) -> list[Lease]:
        """The bound leases of an attachment, IPv4 first."""
        return [held.lease for held in bound_to(self._database, attachment)]

    def by_tenant(self, tenant: str) -> list[Lease]:
        """The leases that a TakeOver by this tenant would rebind, IPv4 first; none for ``""``."""
        return [held.lease for held in held_by_tenant(self._database, tenant)]

    def by_address(self, family: int, address: int) -> Lease | None:
        """The lease of an address, in any state."""
        found = find(self._database, BY_ADDRESS, (family, address_bytes(family, address)))
        return found[0].lease if found else None

    def kept(self) -> list[Lease]:
        """All kept leases, by tenant, IPv4 first."""
        return [held.lease for held in find(self._database, KEPT, ())]

    def by_pool(self, pool: str) -> list[Lease]:
        """All leases of a pool in any state, by address."""
        return [held.lease for held in find(self._database, BY_POOL, (pool,))]

    def by_pod(self, namespace: str, name: str) -> list[Lease]:
        """The bound and kept leases of a Pod, IPv4 first."""
        return [held.lease for held in find(self._database, BY_POD, (namespace, name))]

    def by_network(self, node: str, network: str) -> list[Lease]:
        """The bound leases of all attachments of a node to a network, by family and address."""
        return [held.lease for held in find(self._database, BY_NETWORK, (network, node))]

    def within(self, family: int, first: int, last: int, most: int = 10) -> list[Lease]:
        """Up to `most` bound and kept leases from address `first` to `last` (inclusive)."""
        low, high = address_bytes(family, first), address_bytes(family, last)
        found = find(self._database, HELD_WITHIN, (family, low, high, most))
        return [held.lease for held in found]

    def next_free(self, pool: str, now_seconds: int) -> int | None:
        """The address that a claim on this pool alone would get now; None if it is full."""
        with self._database.snapshot():
            row = self._database.row("SELECT family FROM pool WHERE name = ?", (pool,))
            return self._next_free(pool, row[0], now_seconds) if row else None

    def _next_free(self, pool: str, family: int, now_seconds: int) -> int | None:
        bitmap = Bitmap(self._database, family)
        rested = []
        for held in find(self._database, RESTED, (pool, now_seconds, MOST_RESTED)):
            bitmap.free(held.lease.address)  # in memory: this bitmap is never flushed
            if not held.reserved:
                rested.append(held.lease.address)  # its range may count as full until it is freed
        number = lowest_free(self._database, bitmap, pool)
        number = min(rested if number is None else [number, *rested], default=None)
        if number is None:
            for resting in find(self._database, LONGEST_RESTING, (pool,)):
                number = resting.lease.address
        return number
