"""A whole copy of a store in one file, made while others write, and good before it is there.

    store ──(one moment)──> .poolweaver-backup-... ──check──> fsync ──rename──> FILE

A process that is killed, or a disk that is full, leaves what was at FILE before.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import ConfigurationError, StoreError
from store.database import open_database
from store.drafts import drafted
from store.failures import failure
from store.file_modes import COMPANIONS
from store.repair import Checked, examine
from store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from store.database import Database

    Tell = Callable[[str, int, int], None]  # title, how much is done, of how much

DRAFT = ".poolweaver-backup-"
PAGES_AT_ONCE = 4096
# What SQLite says of the file it reads; all else is about the file it writes.
_OF_THE_SOURCE = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
)


def backup(store: Store, target: str, *, force: bool = False, tell: Tell | None = None) -> Checked:
    """Write a copy of the store as it is at one moment to `target`; what is in it.

    The copy is private (0600), on the disk when this returns, and was checked as `check-store`
    does. ConfigurationError where `target` exists and `force` is not set, is of the store itself,
    or cannot be written; StoreError `store-broken` where the store does not hold together. Then
    `target` is as it was. Others go on writing meanwhile.
    """
    file = Path(target)
    check_apart(store.database.path, file)
    if file.exists() and not force:
        raise ConfigurationError(
            f"`{file}` is there already",
            "name another file, or add --force to replace it",
            code="invalid-argument",
        )
    try:
        with drafted(file.absolute().parent, DRAFT) as draft:
            copy_database(store.database, draft, target, tell)
            checked = check_copy(str(draft), store.database.path)
            draft.replace(file)
            sync(file.absolute().parent)
    except OSError as error:
        raise unwritable(target, error) from error
    return checked


def copy_database(
    database: Database, target: Path, name: str = "", tell: Tell | None = None
) -> None:
    """A copy of one moment in the empty file `target`, on the disk on return; not checked.

    `name` is what errors call the file, where it will be renamed.

    StoreError where the store cannot be read, ConfigurationError where the file cannot be written.
    """
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")  # once at the end, instead
            with database.snapshot():
                database.row("SELECT count(*) FROM meta")  # the moment
                database.connection.backup(copy, pages=PAGES_AT_ONCE, progress=_progress(tell))
        sync(target)
    except sqlite3.Error as error:
        code = int(getattr(error, "sqlite_errorcode", 0) or 0)
        if code in _OF_THE_SOURCE or code & 0xFF in _OF_THE_SOURCE:
            raise failure(error, database.path) from error
        raise unwritable(name or str(target), error) from error
    except OSError as error:
        raise unwritable(name or str(target), error) from error


def check_copy(copy: str, name: str) -> Checked:
    """What is in a copy that nobody else uses.

    StoreError `store-broken` where it does not hold together, which says so of `name`.
    """
    with Store(open_database(copy, immutable=True)) as opened:
        checked = examine(opened)
    if checked.problems:
        count = len(checked.problems)
        more = f", and {count - 1} more" if count > 1 else ""
        raise StoreError(
            f"the store `{name}` does not hold together: {checked.problems[0].message}{more}",
            f"see `poolweaver --db {name} check-store`, and mend it first",
            code="store-broken",
        )
    return checked


def check_apart(path: str, file: Path) -> None:
    """ConfigurationError where `file` is a folder, the store at `path` or a file that it keeps."""
    if file.is_dir():
        raise ConfigurationError(
            f"`{file}` is a folder", "name a file in it", code="invalid-argument"
        )
    for companion in COMPANIONS:
        own = Path(path + companion)
        if file.absolute() == own.absolute() or _is_same(file, own):
            what = "a file of the store" if companion else "the store itself"
            raise ConfigurationError(
                f"`{file}` is {what}", "name another file", code="invalid-argument"
            )


def _is_same(file: Path, other: Path) -> bool:
    return file.exists() and other.exists() and file.samefile(other)


def unwritable(target: str, error: OSError | sqlite3.Error) -> ConfigurationError:
    """For a file that cannot be written, and why."""
    reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return ConfigurationError(
        f"cannot write `{target}`: {reason[:1].lower()}{reason[1:]}",
        "name a file in a folder that is there, may be written to and has room",
        code="unwritable-file",
    )


def _progress(tell: Tell | None) -> Any:
    """What SQLite calls with (status, pages left, pages in all)."""
    if tell is None:
        return None
    return lambda _, left, total: tell("pages", total - left, total)


def sync(path: Path) -> None:
    """What was written to a file, or renamed in a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
