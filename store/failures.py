"""What SQLite says when it fails, as an error of the tree. Imported only once something failed."""

from __future__ import annotations

import _sqlite3
import os
from errno import EDQUOT, ENOSPC
from stat import S_ISREG

from model.errors import StoreBusyError, StoreError, StoreMissingError

_SMALLEST_PAGE = 512
_NO_SPACE = (ENOSPC, EDQUOT)
_PROBE = 1 << 16
_MAGIC = b"SQLite format 3\0"


def failure(error: Exception, path: str) -> StoreError:
    """The StoreError that says what `error` of SQLite means for the store at `path`.

    A UnicodeDecodeError is what Python makes of SQLite quoting a damaged page in its message.
    """
    if isinstance(error, UnicodeDecodeError):
        return _damaged(path)
    extended = int(getattr(error, "sqlite_errorcode", _sqlite3.SQLITE_ERROR) or 1)
    code = extended & 0xFF
    if code in _OF_FILES and _no_space(path):
        return _full(path)
    if extended == _sqlite3.SQLITE_IOERR_SHORT_READ:
        return _damaged(path)
    if code in _OF_FILES:
        misplaced = _misplaced(path)
        if misplaced is not None:
            return misplaced
    meaning = _MEANINGS.get(code)
    if meaning and not (meaning is _read_only and _writable(path)):
        return meaning(path)
    return StoreError(
        f"the store `{path}` failed: {error}",
        "nothing was changed; try again, and put a backup in its place if it fails again",
    )


def busy(path: str) -> StoreBusyError:
    """Another process writes, and did not end in time."""
    return StoreBusyError(
        f"the store `{path}` is busy: another process writes to it",
        "try again; nothing was changed",
    )


def missing(path: str, what: str = "there is no store at") -> StoreMissingError:
    """There is no database yet, or an empty file."""
    return StoreMissingError(
        f"{what} `{path}`",
        "if there was one, mount its disk or `poolweaver restore FILE`; "
        f"`poolweaver --db {path} apply -f ...` makes a new one",
    )


def foreign(path: str) -> StoreError:
    """A file that some other program wrote."""
    return StoreError(
        f"`{path}` is not a store of Poolweaver",
        "give the path of another file with `--db`; this one was left as it was",
        code="store-foreign",
    )


def _damaged(path: str) -> StoreError:
    return StoreError(
        f"the store `{path}` is damaged",
        "`poolweaver restore FILE` puts a backup in its place, and keeps it beside that",
        code="store-damaged",
    )


def unreadable(what: str) -> StoreError:
    """For a row whose values make no sense, though SQLite reads it."""
    return StoreError(
        f"the store has {what} that cannot be read",
        "`poolweaver check-store` says which, and what to do",
        code="store-damaged",
    )


def _full(path: str) -> StoreError:
    return StoreError(
        f"there is no space left for the store `{path}`",
        "free space on its file system and try again; nothing was changed",
        code="store-full",
    )


def _read_only(path: str) -> StoreError:
    for own in (path, f"{path}-wal", f"{path}-shm"):
        if os.path.exists(own) and not os.access(own, os.W_OK):  # noqa: PTH110 - as above
            return _not_writable(own)
    return _not_writable(path)


def _not_writable(path: str) -> StoreError:
    return StoreError(
        f"the store `{path}` may not be written to",
        "run as the owner of the file and its folder, on a file system that is mounted writable",
        code="store-read-only",
    )


def _misplaced(path: str) -> StoreError | None:
    """What stands in the place of a companion of the store, and is no file; None for nothing."""
    for own in (f"{path}-wal", f"{path}-shm"):
        if os.path.exists(own) and not os.path.isfile(own):  # noqa: PTH110, PTH113
            return StoreError(
                f"`{own}` is in the way: the store keeps a file of its own there",
                "it is no file; see what it is, and move it away",
            )
    return None


def _refused(path: str) -> StoreError:
    """SQLite could not open the file, or one of its companions `-wal` and `-shm`."""
    try:
        regular = S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 - pathlib costs more than a call
    except (FileNotFoundError, NotADirectoryError):
        return missing(path)
    except OSError:
        regular = False
    if regular and not _writable(path):
        return _read_only(path)
    return StoreError(
        f"the store `{path}` cannot be opened", "see that it is a file, and that it may be read"
    )


def not_ours(path: str) -> StoreError:
    """The error for a file that opens as a database, but bears another mark than ours."""
    size = os.stat(path).st_size  # noqa: PTH116
    if size == 0:
        return missing(path, "there is only an empty file at")
    return _not_a_database(path) if size < _SMALLEST_PAGE else foreign(path)


def _not_a_database(path: str) -> StoreError:
    return _damaged(path) if _begins_like_sqlite(path) else foreign(path)


def _writable(path: str) -> bool:
    """Whether files and folder may be written to, as far as modes and mounts say.

    SQLite says `read-only` of a file, too, that the disk failed to open for writing.
    """
    places = (path, _folder(path), f"{path}-wal", f"{path}-shm")
    return all(os.access(one, os.W_OK) for one in places if os.path.exists(one))  # noqa: PTH110


def _no_space(path: str) -> bool:
    """Whether a nameless file beside the store cannot be written for want of space, or of quota."""
    try:
        probe = os.open(_folder(path), os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError as error:
        return error.errno in _NO_SPACE
    try:
        os.write(probe, bytes(_PROBE))
        os.fsync(probe)
    except OSError as error:
        return error.errno in _NO_SPACE
    finally:
        os.close(probe)
    return False


def _folder(path: str) -> str:
    return os.path.dirname(path) or "."  # noqa: PTH120


def _begins_like_sqlite(path: str) -> bool:
    """Whether the file is what is left of a database: it begins as one, as far as it goes."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see above
            start = file.read(len(_MAGIC))
    except OSError:
        return False
    return bool(start) and _MAGIC.startswith(start)


# What SQLite says where a file beside the store is the matter, too.
_OF_FILES = (_sqlite3.SQLITE_IOERR, _sqlite3.SQLITE_CANTOPEN, _sqlite3.SQLITE_READONLY)
_MEANINGS = {
    _sqlite3.SQLITE_BUSY: busy,
    _sqlite3.SQLITE_LOCKED: busy,
    _sqlite3.SQLITE_PROTOCOL: busy,
    _sqlite3.SQLITE_READONLY: _read_only,
    _sqlite3.SQLITE_FULL: _full,
    _sqlite3.SQLITE_NOTADB: _not_a_database,
    _sqlite3.SQLITE_CORRUPT: _damaged,
    _sqlite3.SQLITE_CANTOPEN: _refused,
    _sqlite3.SQLITE_PERM: _refused,
    _sqlite3.SQLITE_AUTH: _refused,
}
