"""Whose turn it is to write: a queue in front of SQLite's own lock, which is none.

SQLite lets waiters poll, ever more rarely the longer they wait, so that of many processes the one
that has waited longest gets the lock last (measured: docs/adr/0011-writers-take-turns.md). Here
all waiters try equally often, and what they try costs one system call:

    a record lock on one byte of the write-ahead log, far behind its end
    ── held from before BEGIN IMMEDIATE until after COMMIT ──>  at most one writer asks SQLite

The lock is advice: SQLite's own still decides, so a program that knows nothing of turns, or a file
system without record locks, costs fairness alone. The kernel takes it back from a process that
dies. Why the log: all who have the store open have the same one, SQLite locks nothing in it (a
process that closes a file loses its record locks on that file), and no other file is needed.
"""

from __future__ import annotations

import os
from time import monotonic, sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.database import Database

POLL_SECONDS = 0.004
_PLACE = 1 << 40  # no log grows to this, and no byte is ever written there


def begin(database: Database, statement: str) -> int | None:
    """Begins a transaction when it is this process's turn; what to close when it is over.

    None where no turns can be taken. StoreBusyError after `database.busy_seconds` in all.
    """
    turn = _open(database.path)
    try:
        waited = 0.0 if turn is None else _wait(turn, database)
        if waited:
            _begin_within(database, statement, database.busy_seconds - waited)
        else:
            database.run(statement)
    except BaseException:
        if turn is not None:
            os.close(turn)
        raise
    return turn


def _open(path: str) -> int | None:
    """The write-ahead log at the byte that says whose turn it is; None if it cannot be had."""
    try:
        turn = os.open(f"{path}-wal", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    os.lseek(turn, _PLACE, os.SEEK_SET)
    return turn


def _wait(turn: int, database: Database) -> float:
    """How many seconds it took to get the turn; 0 if nobody else had it."""
    if _take(turn):
        return 0.0
    start = monotonic()
    while (waited := monotonic() - start) < database.busy_seconds:
        sleep(POLL_SECONDS)
        if _take(turn):
            return waited
    from store.failures import busy  # noqa: PLC0415 - it is rare

    raise busy(database.path)


def _take(turn: int) -> bool:
    """Whether the turn is ours, or cannot be anybody's."""
    try:
        os.lockf(turn, os.F_TLOCK, 1)
    except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as fcntl(2) says
        return False
    except OSError:
        return True
    return True


def _begin_within(database: Database, statement: str, seconds: float) -> None:
    """Begins, letting SQLite wait no longer than what is left of the whole wait."""
    database.run(f"PRAGMA busy_timeout = {max(0, int(seconds * 1000))}")
    try:
        database.run(statement)
    finally:
        database.run(f"PRAGMA busy_timeout = {int(database.busy_seconds * 1000)}")
