"""The Protocol `Journal` on SQLite: what happened to leases, oldest first."""

from __future__ import annotations

from model.addresses import address_bytes, address_from_bytes
from model.journal import JournalEntry
from model.leases import Attachment, Holder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.database import Database, Row

_SELECT = (
    "SELECT at, event, family, address, pool, node, network, container_id, ifname, pod_namespace, "
    "pod_name, pod_uid, tenant, rules_digest, decision, decision_id FROM journal WHERE "
)
BY_ADDRESS = f"{_SELECT} family = ? AND address = ? ORDER BY id"
AFTER = _SELECT.replace(" FROM", ", id FROM") + "id > ? ORDER BY id LIMIT ?"
BY_POD = f"{_SELECT} pod_namespace = ? AND pod_name = ? ORDER BY id"


class StoredJournal:
    """The journal. Its rows are written by the changes themselves, never alone."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_address(self, family: int, address: int) -> list[JournalEntry]:
        """Every change of this address, oldest first."""
        values = (family, address_bytes(family, address))
        return [entry_of(row) for row in self._database.rows(BY_ADDRESS, values)]

    def of_pod(self, namespace: str, name: str) -> list[JournalEntry]:
        """Every change of every address this Pod held, oldest first."""
        return [entry_of(row) for row in self._database.rows(BY_POD, (namespace, name))]

    def known_from(self) -> int | None:
        """The second (UTC, since the epoch) from which every change is there; None for no change.

        What is left of one address may tell of earlier times: it is the end of its story, whole.
        """
        row = self._database.row("SELECT known_from FROM journal_pruning")
        if row and row[0]:
            return int(row[0])
        row = self._database.row("SELECT at FROM journal ORDER BY id LIMIT 1")
        return int(row[0]) if row else None

    def row_count(self) -> int:
        """How many changes the journal has."""
        from store.journal_pruning import row_count  # noqa: PLC0415 - for people alone

        return row_count(self._database)

    def prune(self, before_seconds: int, most_rows: int, work: int) -> bool:
        """Forgets what is from before `before_seconds`, and the oldest rows above `most_rows`.

        0 is no bound by number. Never the change that brought a lease into its present state.
        Looks at `work` changes at most; whether there may be more to forget.
        """
        from store.journal_pruning import prune  # noqa: PLC0415 - see above

        with self._database.transaction():
            return prune(self._database, before_seconds, most_rows, work)


def entry_of(row: Row) -> JournalEntry:
    """The change of a row of these queries."""
    family, number = address_from_bytes(row[3])
    attachment = Attachment(row[5], row[6], row[7], row[8])
    holder = Holder(row[9], row[10], row[11], row[12])
    return JournalEntry(row[0], row[1], family, number, row[4], attachment, holder, *row[13:16])
