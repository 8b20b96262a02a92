"""Several calls on a store as one transaction: all of what they write, or nothing.

SQLite adds this; it is no part of the Protocols. For authoring commands that write more than one
part of a store: other writers wait until it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from store.database import Block, Database
from store.store import Store


class _Inside(Database):
    """The connection of an open transaction: what would be a transaction is a savepoint in it."""

    __slots__ = ()

    def transaction(self) -> Block:
        return self.savepoint()

    def snapshot(self) -> Block:
        return _Same(self)

    def close(self) -> None:
        """A no-op: the file belongs to the store outside."""


class _Same(Block):
    """Queries that see the same moment, inside a transaction, where all of them do."""

    __slots__ = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database, "", "")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """A no-op."""


@contextmanager
def as_one(store: Store, *, dry_run: bool = False) -> Iterator[Store]:
    """A store to call in the `with` block; what it writes is durable, all of it, at the end.

    An exception in the block undoes everything, and so does `dry_run`, and a process that ends
    inside. StoreBusyError where the transaction cannot begin in time.
    """
    database = store.database
    with database.transaction() as whole:
        yield store.on(_Inside(database.connection, database.path))
        if dry_run:
            whole.abandon()
