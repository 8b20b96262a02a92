"""A store to be read alone, wherever it lies: on a disk that is full or mounted read-only, too.

SQLite reads a file in WAL mode only where it can write a `-shm` beside it. Where it cannot, and
nobody else has made one, nobody writes to the file either.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import StoreError
from store.database import Database, open_database
from store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection


@contextmanager
def open_to_read(path: str) -> Iterator[Store]:
    """The existing store at `path`, for reading; while others write, where they can.

    Where a killed writer left a `-wal` in a place that cannot be written to, it is a copy that is
    read, in the folder for temporary files. Raises what `open_store` raises, but not that the
    store may not be written to or that there is no room.
    """
    try:
        store = open_store(path)
    except StoreError as error:
        if error.code not in ("store-read-only", "store-full") or not _readable(path):
            raise
    else:
        with store:
            yield store
        return
    with _unwritable(path) as store:
        yield store


@contextmanager
def _unwritable(path: str) -> Iterator[Store]:
    wal = Path(f"{path}-wal")
    if not wal.exists() or wal.stat().st_size == 0:
        with Store(open_database(path, immutable=True)) as store:
            yield store
        return
    with tempfile.TemporaryDirectory(prefix="poolweaver-") as folder:
        copy = Path(folder, "ipam.db")
        shutil.copyfile(path, copy)
        shutil.copyfile(wal, f"{copy}-wal")
        with open_store(str(copy)) as store:
            yield Store(_renamed(store.database.connection, path))


def _renamed(connection: Connection, path: str) -> Database:
    """The connection to a copy, under the name of what it is a copy of."""
    return Database(connection, path)


def _readable(path: str) -> bool:
    try:
        with Path(path).open("rb"):
            return True
    except OSError:
        return False
