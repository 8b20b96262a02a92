"""Processes that die in the middle of a transaction: `python -m tests.store.dying`, then paths.

For each path on standard input, a process that has written much of a transaction to the files is
killed; then a line says so. One interpreter forks them all, as starting one takes long.
"""

from __future__ import annotations

import os
import signal
import sys

from store.store import open_store


def die_writing(path: str) -> None:
    """Writes to all that leases are made of, and dies before it is durable."""
    database = open_store(path).database
    database.run("PRAGMA cache_size = 1")  # so that pages go to the log before the commit
    with database.transaction():
        database.run("DELETE FROM node")
        database.run("UPDATE pool_usage SET allocated = 77, resting = 77")
        database.run("UPDATE lease SET state = 'kept', container_id = 'dead', claim = 0")
        database.run("DELETE FROM journal")
        database.run("UPDATE pool SET manifest = ?", ("x" * 20_000,))
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """One death a line."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                die_writing(line.rstrip("\n"))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        sys.stdout.write("dead\n" if os.WIFSIGNALED(status) else f"ended with {status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
