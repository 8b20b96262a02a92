"""New stores, and stores of an older schema. Authoring time alone: it imports sqlite-utils."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import StoreError, StoreMissingError
from store.database import (
    APPLICATION_ID,
    BUSY_SECONDS,
    SCHEMA_NUMBER,
    Database,
    connect_file,
    schema_error,
)
from store.failures import failure, foreign
from store.migrations import apply_steps, steps
from store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def create_store(path: str | Path, busy_seconds: float = BUSY_SECONDS) -> Store:
    """The store at `path`, opened; created if there is none, its missing folders too.

    Safe when several processes do it at once: the file appears whole or not at all, readable by
    its owner alone (folders 0700, file 0600). StoreError as `open_store`, and where the folder
    cannot be made or written to; StoreMissingError where only the `-wal` of a store is left.
    """
    file = Path(path)
    try:
        make_folder(file.absolute().parent)
        if _is_absent(file):
            with _folder_lock(file.absolute().parent):
                if _is_absent(file):
                    _refuse_remains(file)
                    _build(file)
    except OSError as error:
        raise _cannot_create(file, error) from error
    return open_store(str(path), busy_seconds)


def migrate_file(
    path: str | Path, functions: Mapping[str, Callable[[str], str]], busy_seconds: float
) -> tuple[int, int]:
    """The schema numbers before and after bringing the store at `path` to this program's schema.

    `functions` are what steps call for the compiled rows that only policy can make, from text to
    text, by their names in SQL: `ipam.migrate` has them. All steps are one transaction: whatever
    stops it, the store has the old schema or the new one. A store that is up to date is left alone.
    StoreSchemaError if it is newer than the program.
    """
    database = connect_file(str(path), busy_seconds)
    try:
        if _pragma(database, "application_id") != APPLICATION_ID:
            raise foreign(str(path))
        if _pragma(database, "user_version") == SCHEMA_NUMBER:
            return SCHEMA_NUMBER, SCHEMA_NUMBER
        return _apply_migrations(database, functions), SCHEMA_NUMBER
    finally:
        database.close()


def make_folder(folder: Path) -> None:
    """Like `mkdir -p`, but private at every level that was not there."""
    for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def _is_absent(file: Path) -> bool:
    return not file.exists() or (file.is_file() and file.stat().st_size == 0)


def _refuse_remains(file: Path) -> None:
    """StoreMissingError where the `-wal` of a store is left, which would spoil a new one."""
    wal = Path(f"{file}-wal")
    if wal.exists() and wal.stat().st_size:
        raise StoreMissingError(
            f"the store `{file}` is gone, but `{wal}` of it is there",
            "put the store back in its place, or run `poolweaver restore` with a backup; to begin "
            "with none, move the -wal away",
        )


@contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """One creator at a time; the lock goes with the process that holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _build(file: Path) -> None:
    """Builds the database beside its place and moves it there whole."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)  # left by a process that was killed here
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        database = connect_file(str(draft))
        try:
            _apply_migrations(database, {})
            database.run("PRAGMA journal_mode = WAL")
        finally:
            database.close()
        draft.replace(file)
    finally:
        for leftover in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
            leftover.unlink(missing_ok=True)


def _apply_migrations(database: Database, functions: Mapping[str, Callable[[str], str]]) -> int:
    """The schema number that was there when the lock was had; it is this program's afterwards."""
    try:
        for name, function in functions.items():
            database.connection.create_function(name, 1, function, deterministic=True)
        with database.transaction():
            before = _pragma(database, "user_version")
            if before > SCHEMA_NUMBER:
                raise schema_error(database.path, before)
            apply_steps(database.connection, steps())
            return before
    except sqlite3.Error as error:
        raise failure(error, database.path) from error


def _pragma(database: Database, name: str) -> int:
    row = database.row(f"PRAGMA {name}")
    return int(row[0]) if row else 0


def _cannot_create(file: Path, error: OSError) -> StoreError:
    code = {28: "store-full", 122: "store-full", 30: "store-read-only", 13: "store-read-only"}
    return StoreError(
        f"the store `{file}` cannot be created: {(error.strerror or str(error)).lower()}",
        "give another path with `--db`, or run as a user who may write there",
        code=code.get(error.errno or 0, "store-failed"),
    )
