"""Keeping the journal within the days and rows that the settings give."""

from __future__ import annotations

from store.journal_pruning import prune_by_settings
from store.store import Store

# How many changes one step looks at: other writers wait while it does.
WORK = 2000


def prune_step(store: Store, now_seconds: int) -> bool:
    """Forgets what is over the bounds among the next changes; whether there may be more.

    `StoreBusyError` where the lock cannot be had in time.
    """
    with store.database.transaction():
        return prune_by_settings(store.database, now_seconds, WORK)


def prune_journal(store: Store, now_seconds: int) -> int:
    """Forgets all that is over the bounds, letting others write between; how many changes."""
    before = store.journal.row_count()
    while prune_step(store, now_seconds):
        pass
    return before - store.journal.row_count()
