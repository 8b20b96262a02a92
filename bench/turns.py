"""How long one of many writers waits: with turns (store/turns.py), and with SQLite's polling alone.

python -m bench.turns
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.measuring import Group, Variant
from bench.page import duration
from bench.program import Options, Program, run_program
from bench.worlds import make_store, pool
from ipam.allocate import allocate
from ipam.release import release
from ipam.request import Request
from model.errors import StoreBusyError
from model.leases import Attachment
from store.store import Store, open_store

NOW = 1_700_000_000
Task = Callable[[Store, Attachment], object]


def add(store: Store, attachment: Attachment) -> object:
    """One ADD, of the real path."""
    return allocate(store, Request(attachment), NOW)


def delete(store: Store, attachment: Attachment) -> object:
    """One DEL, of the real path."""
    return release(store, attachment, NOW)


def loop(db: Path, number: int, seconds: float, turns: bool) -> tuple[list[float], int]:
    """What each call of one process took that does ADD and DEL without a pause; and how often busy.

    Each call opens the store anew, as a CNI plugin does.
    """
    times: list[float] = []
    busy, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        attachment = Attachment("n1", "net", f"c{number}-{len(times)}", "eth0")
        for task in (add, delete):
            started = time.monotonic()
            with open_store(str(db)) as store:
                if not turns:
                    store.database.path = ""  # a log that is not found: no turns are taken
                try:
                    task(store, attachment)
                except StoreBusyError:
                    busy += 1
            times.append(time.monotonic() - started)
    return times, busy


def crowd(db: Path, processes: int, seconds: float, turns: bool) -> tuple[list[float], int]:
    """The same of many processes at once: all their times, and how often one was told `busy`."""
    ends = [_forked(db, number, seconds, turns) for number in range(processes)]
    times, busy = [], 0
    for end in ends:
        with os.fdopen(end) as pipe:
            more, refused = json.load(pipe)
        times += more
        busy += refused
        os.wait()
    return times, busy


def _forked(db: Path, number: int, seconds: float, turns: bool) -> int:
    """A process that loops; where to read what came of it, as JSON."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        return reading
    try:
        with os.fdopen(writing, "w") as pipe:
            json.dump(loop(db, number, seconds, turns), pipe)
    finally:
        os._exit(0)


class Crowd:
    """A variant: so many processes for so many seconds, with the longest wait among its facts."""

    def __init__(self, name: str, db: Path, processes: int, seconds: float, turns: bool) -> None:
        self.name = name
        self._work = (db, processes, seconds, turns)
        self._longest, self._busy = 0.0, 0

    def run(self, number: int) -> Sequence[float]:
        """The times of all calls of one round; warming up says nothing of the longest."""
        times, busy = crowd(*self._work)
        if number:
            self._longest, self._busy = max([self._longest, *times]), self._busy + busy
        return times

    def facts(self) -> list[tuple[str, str]]:
        """What the times do not tell."""
        return [
            (f"longest wait, {self.name}", duration(self._longest)),
            (f"told to try again, {self.name}", str(self._busy)),
        ]


class Facts(list[tuple[str, str]]):
    """The facts of some crowds as they are when somebody reads them."""

    def __init__(self, crowds: Sequence[Crowd]) -> None:
        super().__init__()
        self._crowds = crowds

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter([fact for one in self._crowds for fact in one.facts()])


def groups(options: Options) -> Iterator[Group]:
    """One process alone, and crowds of it with and without turns."""
    sizes, seconds = ((4,), 0.2) if options.quick else ((8, 64), 6.0)
    for size in sizes:
        db = options.folder / f"{size}.db"
        make_store(db, [pool("p", "10.0.0.0-10.0.15.255", default=True)])
        crowds = [
            Crowd("one process alone", db, 1, seconds, turns=True),
            Crowd("SQLite's polling", db, size, seconds, turns=False),
            Crowd("turns", db, size, seconds, turns=True),
        ]
        variants = [Variant(one.name, one.run) for one in crowds]
        yield Group(f"{size} processes", variants, crowds[0].name, Facts(crowds))


PROGRAM = Program(
    "turns",
    "Many writers at once",
    "Processes that do ADD and DEL without a pause on one store, each call on a connection of its "
    "own: what a call takes, from opening the store to closing it. The longest wait is what a "
    "container runtime sees on a bad day; a call that waits too long is told to try again.",
    groups,
    rounds=5,
    warm_up=1,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; the exit code."""
    return run_program(PROGRAM, arguments)


if __name__ == "__main__":
    sys.exit(main())
