"""Forgetting the oldest of the journal, a bounded number of rows at a time.

    id 1 ......... swept_to ......... newest
      [ live rows  ]   [ not looked at in this sweep ]

A sweep walks the journal by id. It forgets a row that is too old or one too many, together with
what is left of earlier rows of its address, so that what remains of an address is the end of its
story. It passes over the row that a lease's revision names. The first row that is neither too old
nor one too many ends it, and the next sweep begins at the first row again.

A CNI call imports this once in many calls (`store.leases.PRUNE_EVERY`).
"""

from __future__ import annotations

from store.decision_rows import forget_decisions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.database import Database, Row

NEXT_ROWS = "SELECT id, at, family, address FROM journal WHERE id > ? ORDER BY id LIMIT ?"
LEASE_OF = "SELECT revision FROM lease WHERE family = ? AND address = ?"
UP_TO = "FROM journal WHERE family = ? AND address = ? AND id <= ?"
DAY_SECONDS = 24 * 3600


def prune(database: Database, before_seconds: int, most_rows: int, work: int) -> bool:
    """Forgets rows from before `before_seconds`, and the oldest above `most_rows` (0: no bound).

    Inside the caller's transaction. Looks at `work` rows at most; whether there may be more to do.
    Decisions go with the claims that came of them, and refusals when they are too old.
    """
    sweep = _Sweep(database, most_rows)
    more = _swept(database, sweep, before_seconds, work)
    forget_decisions(database, sweep.decisions, before_seconds)
    return more


def _swept(database: Database, sweep: _Sweep, before_seconds: int, work: int) -> bool:
    rows = database.rows(NEXT_ROWS, (sweep.swept_to, work))
    for row in rows:
        if row[1] >= before_seconds and sweep.excess <= 0:
            sweep.finish()
            return False
        sweep.look_at(row)
    if len(rows) < work:
        sweep.finish()
        return False
    sweep.save()
    return True


def prune_by_settings(database: Database, now_seconds: int, work: int) -> bool:
    """As `prune`, with the bounds that the settings give."""
    from store.settings import Settings  # noqa: PLC0415 - once in many calls

    settings = Settings(database)
    days, most_rows = int(settings.get("journal_days")), int(settings.get("journal_rows"))
    return prune(database, now_seconds - days * DAY_SECONDS if days else 0, most_rows, work)


def row_count(database: Database) -> int:
    """How many rows the journal has: each id was given out once, and these are those not pruned."""
    row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'journal'")
    pruned = database.row("SELECT rows_pruned FROM journal_pruning")
    return (int(row[0]) if row else 0) - (int(pruned[0]) if pruned else 0)


class _Sweep:
    """One step of a sweep; nothing of its counts is written before `save` or `finish`."""

    __slots__ = (
        "_before",
        "_database",
        "_known_from",
        "_pruned",
        "decisions",
        "excess",
        "swept_to",
    )

    def __init__(self, database: Database, most_rows: int) -> None:
        self._database = database
        self.decisions: list[tuple[int, int]] = []
        row = database.row("SELECT swept_to, rows_pruned, known_from FROM journal_pruning")
        self._before = row or (0, 0, 0)
        self.swept_to, self._pruned, self._known_from = self._before
        self.excess = row_count(database) - most_rows if most_rows else 0

    def look_at(self, row: Row) -> None:
        """Forgets the row and the earlier ones of its address, unless a lease is in its state."""
        number, _, family, address = row
        self.swept_to = number
        lease = self._database.row(LEASE_OF, (family, address))
        if lease and lease[0] == number:
            return
        found = self._database.row(f"SELECT max(at) {UP_TO}", (family, address, number))
        if found is None or found[0] is None:
            return  # forgotten a moment ago, with a later one of its address
        named = self._database.rows(f"SELECT decision_id, id {UP_TO}", (family, address, number))
        self.decisions += [(decision, row_id) for decision, row_id in named if decision]
        count = self._database.run(f"DELETE {UP_TO}", (family, address, number)).rowcount
        self._pruned += count
        self.excess -= count
        self._known_from = max(self._known_from, found[0] + 1)

    def finish(self) -> None:
        """The next step begins a new sweep."""
        self.swept_to = 0
        self.save()

    def save(self) -> None:
        """Writes how far this sweep came and what is forgotten, if that is anything new."""
        now = (self.swept_to, self._pruned, self._known_from)
        if now != self._before:
            self._database.run(
                "UPDATE journal_pruning SET swept_to = ?, rows_pruned = ?, known_from = ?", now
            )
