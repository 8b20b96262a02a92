"""Leases and changes as another store had them, put into this one. Authoring time.

Inside the caller's transaction. Nothing is decided here: the caller has seen to it that the address
is in its pool and nobody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_bytes
from model.leases import RESTING
from store.journal import AFTER, entry_of
from store.lease_changes import Changes
from store.lease_rows import BY_ADDRESS, BY_POOL, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.journal import JournalEntry
    from model.leases import Lease
    from store.database import Database
    from store.lease_rows import Held

# What brings a lease into its state.
EVENTS = {"bound": ("claimed", "taken-over"), "kept": ("kept",), "resting": ("released",)}
_NEWEST = (
    "SELECT id, event, container_id FROM journal WHERE family = ? AND address = ? "
    "ORDER BY id DESC LIMIT 1"
)


def all_held(database: Database, pools: list[str]) -> list[Held]:
    """All leases of these pools, by family and address."""
    found = [held for pool in pools for held in find(database, BY_POOL, (pool,))]
    return sorted(found, key=lambda held: (held.lease.family, held.lease.address))


class Restore(Changes):
    """Puts leases and changes into a store; nothing counts until `flush`."""

    __slots__ = ()

    def change(self, entry: JournalEntry) -> None:
        """Writes a change of the past, as the newest of its address."""
        self._now_seconds = entry.at_seconds
        self._tell(
            entry.event,
            (entry.family, address_bytes(entry.family, entry.address)),
            entry.pool,
            entry.attachment,
            entry.holder,
            entry.rules_digest,
            entry.decision,
        )

    def told(self, lease: Lease) -> int:
        """The newest change of the address, if it tells of the lease; else 0."""
        key = (lease.family, address_bytes(lease.family, lease.address))
        row = self._database.row(_NEWEST, key)
        told = row and row[1] in EVENTS[lease.state] and row[2] == lease.attachment.container_id
        return int(row[0]) if row and told else 0

    def lease(self, held: Held, revision: int) -> int:
        """Makes a lease of a free address; gives its claim, which is made where `held` has 0.

        `revision` is the change that tells of it; 0: one is written, of the time of the lease.
        """
        lease = held.lease
        self._now_seconds = lease.changed_at_seconds
        revision = revision or self._journal(EVENTS[lease.state][0], lease)
        claim = held.claim or revision
        self._insert(lease, revision, claim, held.family_count, held.reserved)
        if lease.state == RESTING:
            self._count(lease.pool, 0, 1, 0)
        else:
            self._count(lease.pool, 1, 0, held.reserved)
        return claim

    def claim_of(self, lease: Lease) -> int:
        """The claim of a lease that is here."""
        key = (lease.family, address_bytes(lease.family, lease.address))
        return find(self._database, BY_ADDRESS, key)[0].claim

    def clear(self, lease: Lease, now_seconds: int) -> None:
        """Ends a resting lease that is in the way."""
        self._now_seconds = now_seconds
        key = (lease.family, address_bytes(lease.family, lease.address))
        for held in find(self._database, BY_ADDRESS, key):
            self.free(held)

    def known_from(self, seconds: int) -> None:
        """Notes that the journal does not tell of all that happened before."""
        self._database.run("UPDATE journal_pruning SET known_from = max(known_from, ?)", (seconds,))


def all_changes(database: Database, rows_at_once: int = 1000) -> Iterator[JournalEntry]:
    """The whole journal, oldest first, read in parts."""
    last = 0
    while rows := database.rows(AFTER, (last, rows_at_once)):
        for row in rows:
            last = row[-1]
            yield entry_of(row)
