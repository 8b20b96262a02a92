"""One door to everything a store remembers.

Each part is loaded when it is first asked for, so that a CNI call pays for what it touches.
"""

from __future__ import annotations

from store.database import BUSY_SECONDS, open_database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from store.database import Database
    from store.decisions import StoredDecisions
    from store.facts import StoredFacts
    from store.journal import StoredJournal
    from store.leases import StoredLeases
    from store.objects import StoredObjects
    from store.pools import StoredPools
    from store.settings import Settings
    from store.sightings import StoredSightings
    from store.writer import StoredPoolWriter


class Store:
    """An open store. A `with` block closes it. One thread at a time; not across a fork."""

    __slots__ = ("database",)

    def __init__(self, database: Database) -> None:
        self.database = database

    @property
    def pools(self) -> StoredPools:
        """Pools and their counts."""
        from store.pools import StoredPools  # noqa: PLC0415 - see the module

        return StoredPools(self.database)

    @property
    def objects(self) -> StoredObjects:
        """Everything that was applied and is no pool."""
        from store.objects import StoredObjects  # noqa: PLC0415 - see the module

        return StoredObjects(self.database)

    @property
    def facts(self) -> StoredFacts:
        """Pods, Namespaces and Nodes as rules see them."""
        from store.facts import StoredFacts  # noqa: PLC0415 - see the module

        return StoredFacts(self.database)

    @property
    def leases(self) -> StoredLeases:
        """Who holds what, and the operations that change it."""
        from store.leases import StoredLeases  # noqa: PLC0415 - see the module

        return StoredLeases(self.database)

    @property
    def journal(self) -> StoredJournal:
        """What happened to leases."""
        from store.journal import StoredJournal  # noqa: PLC0415 - see the module

        return StoredJournal(self.database)

    @property
    def decisions(self) -> StoredDecisions:
        """Decisions that are kept: each claim's, and the last refusals."""
        from store.decisions import StoredDecisions  # noqa: PLC0415 - see the module

        return StoredDecisions(self.database)

    @property
    def sightings(self) -> StoredSightings:
        """Leases whose holder was found gone."""
        from store.sightings import StoredSightings  # noqa: PLC0415 - see the module

        return StoredSightings(self.database)

    @property
    def settings(self) -> Settings:
        """What holds for all calls, and the node that the store serves."""
        from store.settings import Settings  # noqa: PLC0415 - see the module

        return Settings(self.database)

    @property
    def writer(self) -> StoredPoolWriter:
        """Writing pools and objects."""
        from store.writer import StoredPoolWriter  # noqa: PLC0415 - see the module

        return StoredPoolWriter(self.database)

    def on(self, database: Database) -> Store:
        """The same store through another handle on its file, such as an open transaction."""
        return Store(database)

    def close(self) -> None:
        """Closes the file; closing twice is a no-op."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(path: str, busy_seconds: float = BUSY_SECONDS) -> Store:
    """The existing store at `path`; writers wait up to `busy_seconds` for each other.

    Raises what `store.database.open_database` raises, and never creates or migrates a store.
    """
    return Store(open_database(path, busy_seconds))
