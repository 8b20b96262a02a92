"""The Protocol `Journal` on objects: an object a change.

A change is written with the lease, in the body of its claim, and gets an object of its own from
there, under a name that says which change it is: told once, however often that is tried.
"""

from __future__ import annotations

from model.journal import JournalEntry
from tests.objects.claims import JournalRow, leases_of, standing
from tests.objects.codec import record_of
from tests.objects.ledger import ROUNDS, Ledger, busy
from tests.objects.names import ENTRY, PRUNING


class ObjectJournal:
    """Changes that have objects, and those still in their claims."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._client = ledger.client

    def of_address(self, family: int, address: int) -> list[JournalEntry]:
        """Every change of this address, oldest first."""
        entries = (row.entry for row in self._rows())
        return [one for one in entries if (one.family, one.address) == (family, address)]

    def of_pod(self, namespace: str, name: str) -> list[JournalEntry]:
        """Every change of every address this Pod held, oldest first."""
        entries, who = (row.entry for row in self._rows()), (namespace, name)
        return [one for one in entries if (one.holder.pod_namespace, one.holder.pod_name) == who]

    def known_from(self) -> int | None:
        """The second from which every change is there; None if nothing ever changed."""
        pruned = self._client.get(PRUNING, PRUNING)
        if pruned:
            return int(record_of(pruned.text))
        rows = self._rows()
        return rows[0].entry.at_seconds if rows else None

    def row_count(self) -> int:
        """How many changes are there."""
        return len(self._rows())

    def prune(self, before_seconds: int, most_rows: int, work: int) -> bool:
        """Forgets what is too old or too much; whether more than `work` changes are.

        Says first from when on everything is known, so that this is never a lie.
        """
        claims = self._ledger.all()
        rows = self._rows()
        held = {(lease.family, lease.address) for _, lease in leases_of(standing(claims))}
        last = {(row.entry.family, row.entry.address): row.name for row in rows}
        needed = {last[place] for place in held & last.keys()}
        needed |= {row.name for claim in claims.values() for row in claim.journal}
        excess = len(rows) - most_rows if most_rows else 0
        gone: list[JournalRow] = []
        for row in rows:
            if row.entry.at_seconds >= before_seconds and len(gone) >= excess:
                break
            if row.name not in needed:
                gone.append(row)
        self._forget(gone[:work])
        return len(gone) > work

    def _forget(self, rows: list[JournalRow]) -> None:
        if rows:
            self._say_known_from(max(row.entry.at_seconds for row in rows) + 1)
        for row in rows:
            found = self._client.get(ENTRY, row.name)
            if found:
                self._client.delete(found)

    def _say_known_from(self, seconds: int) -> None:
        for _ in range(ROUNDS):
            found = self._client.get(PRUNING, PRUNING)
            if found is None and self._client.create(PRUNING, PRUNING, seconds):
                return
            if found and record_of(found.text) >= seconds:
                return
            if found and self._client.update(found, seconds):
                return
        raise busy()

    def _rows(self) -> list[JournalRow]:
        """Claims first: a change that leaves its claim has an object before it does."""
        rows: list[JournalRow] = [row for one in self._ledger.all().values() for row in one.journal]
        rows += [record_of(one.text) for one in self._client.list(ENTRY)]
        unique = {row.name: row for row in rows}.values()
        return sorted(unique, key=lambda row: (row.stamp, row.place))
