"""The Protocol `Sightings` on SQLite: leases whose holder `reconcile` found gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_bytes, address_from_bytes
from model.sightings import Sighting

if TYPE_CHECKING:
    import builtins
    from collections.abc import Sequence

    from store.database import Database


class StoredSightings:
    """Sightings. They say nothing of a lease that has another revision by now."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[Sighting]:
        """All sightings, by family and address."""
        rows = self._database.rows(
            "SELECT family, address, revision, since FROM sighting ORDER BY family, address"
        )
        return [
            Sighting(family, address_from_bytes(address)[1], str(revision), since)
            for family, address, revision, since in rows
        ]

    def update(self, seen: Sequence[Sighting], gone: Sequence[Sighting]) -> None:
        """Adds `seen`, each in place of another of its address, and forgets `gone`.

        One that somebody else put in place of one of `gone` stays. Writes nothing for two empty
        lists.
        """
        if not seen and not gone:
            return
        with self._database.transaction():
            self._database.run_many(
                "DELETE FROM sighting WHERE family = ? AND address = ? AND revision = ?",
                [(*_key(one), one.revision) for one in gone],
            )
            self._database.run_many(
                "INSERT OR REPLACE INTO sighting VALUES (?, ?, ?, ?)",
                [(*_key(one), one.revision, one.since_seconds) for one in seen],
            )


def _key(sighting: Sighting) -> tuple[int, bytes]:
    return sighting.family, address_bytes(sighting.family, sighting.address)
