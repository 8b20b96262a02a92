"""Runs behind the disk: processes that do ADD and DEL, and write down what they were answered.

    ? c1          c1 is about to be asked for, or to be let go of
    + c1 A B      c1 was answered the addresses A and B
    - c1          c1 was answered that it holds nothing any more

The lines go to the file `answers` in the watched folder, so each stands in the record of the disk
between the writes that came before it and those that came after it.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import store.database
from ipam.allocate import allocate
from ipam.release import release
from ipam.request import Request
from model.leases import Attachment
from store.store import Store, open_store

NOW = 1_700_000_000
WORKERS = 4
CONTAINERS = 6  # of each worker
SESSION = 5  # calls of those that keep a store open
CHECKPOINT_PAGES = 12  # so few that the log is copied into the database all the time


class Worker:
    """One process: its own containers, added and deleted in an order that the seed gives."""

    def __init__(self, folder: Path, number: int, seed: int) -> None:
        self._path = str(folder / "ipam.db")
        self._answers = os.open(folder / "answers", os.O_WRONLY | os.O_APPEND)
        self._names = [f"w{number}-{place}" for place in range(CONTAINERS)]
        self._held: set[str] = set()
        self._chance = random.Random(f"{seed} {number}")
        self._keeps_open = number % 2 == 1
        self._now = NOW

    def work(self, calls: int) -> None:
        """So many calls; some workers open the store for each, others for a few at a time."""
        left = calls
        while left > 0:
            session = SESSION if self._keeps_open else 1
            with open_store(self._path, 600) as opened:
                if self._keeps_open:
                    opened.database.run(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
                for _ in range(session):
                    self._call(opened)
            left -= session

    def _call(self, opened: Store) -> None:
        name = self._chance.choice(self._names)
        attachment = Attachment("node1", "net", name, "eth0")
        self._now += self._chance.choice((0, 1, 30))
        self._say(f"? {name}")
        if name in self._held:
            release(opened, attachment, self._now)
            self._held.remove(name)
            self._say(f"- {name}")
        else:
            allocation = allocate(opened, Request(attachment), self._now)
            self._held.add(name)
            self._say(" ".join(["+", name, *[one.answer.address for one in allocation.leases]]))

    def _say(self, line: str) -> None:
        os.write(self._answers, f"{line}\n".encode())


def weaken(synchronous: str) -> None:
    """Lets every connection synchronize less than it should."""
    check_ours = store.database._check_ours

    def weakened(database: store.database.Database) -> None:
        check_ours(database)
        database.run(f"PRAGMA synchronous = {synchronous}")

    store.database._check_ours = weakened


def main(folder: Path, seed: int, calls: int, synchronous: str) -> None:
    """All workers, until the last is done."""
    if synchronous != "FULL":
        weaken(synchronous)
    (folder / "answers").touch()
    workers = []
    for number in range(WORKERS):
        child = os.fork()
        if child == 0:
            try:
                Worker(folder, number, seed).work(calls)
            except BaseException as error:  # noqa: BLE001
                sys.stderr.write(f"{error!r}\n")
                os._exit(1)
            os._exit(0)
        workers.append(child)
    codes = [os.waitpid(child, 0)[1] for child in workers]
    if any(codes):
        sys.exit(f"workers ended with {codes}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
