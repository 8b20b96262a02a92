"""The file: the one place that opens it, and transactions on it.

`_sqlite3` is the engine under the standard library's `sqlite3`, without the types for dates that
nobody here uses and that every CNI call would pay for. `PRAGMA application_id` tells our files
from others, `PRAGMA user_version` is the number of the schema.
"""

from __future__ import annotations

import os
from _sqlite3 import Error, connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection, Cursor
    from types import TracebackType
    from typing import Any, Self

    Row = tuple[Any, ...]
    Values = tuple[object, ...]

APPLICATION_ID = 0x506F6F6C  # "Pool"
SCHEMA_NUMBER = 6  # that of the last step in store/migrations
# How long a writer waits for the others; container runtimes wait for minutes.
BUSY_SECONDS = 10.0


class Database:
    """One connection to one store file. Used by one thread at a time, and by one process.

    Every failure of SQLite leaves as a StoreError; what a transaction had done by then is undone.
    """

    __slots__ = ("_connection", "busy_seconds", "path")

    def __init__(
        self, connection: Connection, path: str, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self._connection = connection
        self.path = path
        self.busy_seconds = busy_seconds

    @property
    def connection(self) -> Connection:
        """The connection itself, for `store.migrations` and for ad-hoc queries."""
        return self._connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; SQLite closes one itself when a disk is full."""
        return self._connection.in_transaction

    def run(self, sql: str, values: Values = ()) -> Cursor:
        """Executes one statement; its cursor tells `rowcount` and `lastrowid`."""
        try:
            return self._connection.execute(sql, values)
        except (Error, UnicodeDecodeError) as error:
            raise self._failure(error) from error

    def run_many(self, sql: str, rows: Iterable[Values]) -> None:
        """Executes one statement for each row of values."""
        try:
            self._connection.executemany(sql, rows)
        except (Error, UnicodeDecodeError) as error:
            raise self._failure(error) from error

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """The first row of a query, or None."""
        try:
            found: Row | None = self._connection.execute(sql, values).fetchone()
        except (Error, UnicodeDecodeError) as error:
            raise self._failure(error) from error
        return found

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows of a query."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except (Error, UnicodeDecodeError) as error:
            raise self._failure(error) from error

    def transaction(self) -> Block:
        """`with` block that writes: all of it, durable at its end, or nothing.

        Waits for its turn among the writers of all processes no longer than the store was opened
        for, then StoreBusyError.
        """
        return Transaction(self, "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")

    def snapshot(self) -> Block:
        """`with` block that reads: all its queries see the same moment."""
        return Block(self, "BEGIN", "COMMIT", "ROLLBACK")

    def savepoint(self) -> Block:
        """`with` block inside a transaction that can be undone alone."""
        return Block(
            self,
            "SAVEPOINT operation",
            "RELEASE operation",
            "ROLLBACK TO operation",
            "RELEASE operation",
        )

    def close(self) -> None:
        """Closes the file; closing twice is a no-op."""
        try:
            self._connection.close()
        except (Error, UnicodeDecodeError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> Exception:
        from store.failures import failure  # noqa: PLC0415 - costs nothing until something fails

        return failure(error, self.path)


class Block:
    """A transaction or savepoint as a `with` block; `abandon()` undoes it without an error."""

    __slots__ = ("_abandoned", "_begin", "_database", "_end", "_undo")

    def __init__(self, database: Database, begin: str, end: str, *undo: str) -> None:
        self._database = database
        self._begin = begin
        self._end = end
        self._undo = undo
        self._abandoned = False

    def abandon(self) -> None:
        """Nothing of this block is to remain."""
        self._abandoned = True

    def __enter__(self) -> Self:
        self._database.run(self._begin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None or self._abandoned:
            self._take_back()
            return
        try:
            self._database.run(self._end)
        except BaseException:
            self._take_back()
            raise

    def _take_back(self) -> None:
        for statement in self._undo:
            if self._database.in_transaction:
                self._database.run(statement)


class Transaction(Block):
    """A transaction that writes. Writers of all processes take turns (`store.turns`)."""

    __slots__ = ("_turn",)

    def __enter__(self) -> Self:
        from store.turns import begin  # noqa: PLC0415 - a call that writes nothing does without

        self._turn = begin(self._database, self._begin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            if self._turn is not None:
                os.close(self._turn)


def open_database(
    path: str, busy_seconds: float = BUSY_SECONDS, immutable: bool = False
) -> Database:
    """The existing store at `path`, after a look at whose file it is and how new.

    StoreMissingError where there is none, StoreSchemaError where another version of the program
    wrote it, StoreError with code `store-foreign` or `store-damaged` for any other file. Never
    creates or migrates anything.
    """
    database = connect_file(path, busy_seconds, immutable=immutable)
    try:
        _check_ours(database)
    except BaseException:
        database.close()
        raise
    return database


def connect_file(
    path: str, busy_seconds: float = BUSY_SECONDS, create: bool = False, immutable: bool = False
) -> Database:
    """A connection to any SQLite file, with nothing checked: for modules of `store` alone.

    `immutable`: a file that nobody writes to and whose `-wal` is to be passed over.
    """
    place = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")  # noqa: PTH100
    mode = "ro&immutable=1" if immutable else "rwc" if create else "rw"
    try:
        connection = connect(
            f"file://{place}?mode={mode}",
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
    except Error as error:
        from store.failures import failure  # noqa: PLC0415 - see above

        raise failure(error, path) from error
    return Database(connection, path, busy_seconds)


def _check_ours(database: Database) -> None:
    application_id = _number(database, "PRAGMA application_id")
    if application_id != APPLICATION_ID:
        from store.failures import not_ours  # noqa: PLC0415 - see above

        raise not_ours(database.path)
    number = _number(database, "PRAGMA user_version")
    if number != SCHEMA_NUMBER:
        raise schema_error(database.path, number)
    database.run("PRAGMA synchronous = FULL")


def _number(database: Database, pragma: str) -> int:
    row = database.row(pragma)
    return int(row[0]) if row else 0


def schema_error(path: str, number: int) -> Exception:
    """The StoreSchemaError for a store whose schema has this number."""
    from model.errors import StoreSchemaError  # noqa: PLC0415 - see above

    if number < SCHEMA_NUMBER:
        return StoreSchemaError(
            f"the store `{path}` has schema {number}, and this program needs {SCHEMA_NUMBER}",
            f"run `poolweaver --db {path} migrate`",
        )
    return StoreSchemaError(
        f"the store `{path}` has schema {number}, and this program knows up to {SCHEMA_NUMBER}",
        "use the newer program that wrote it, or upgrade this one",
    )
