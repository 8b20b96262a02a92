"""Claims and releases: pools of all sizes, any number held, many processes, beside host-local.

python -m bench.allocate
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bench import host_local
from bench.claiming import in_parallel
from bench.measuring import Group, Variant, timed
from bench.operations import NOW_SECONDS, claim_of, release_of
from bench.processes import BARE, Plugin, embedded, run
from bench.program import Options, Program, run_program
from bench.sizes import FEW, HELD, SIZES, Size, Stores, world_name, worlds
from ipam.install import install_embedded
from model.leases import Claimed, Released
from store.repair import check
from store.store import Store, open_store

if TYPE_CHECKING:
    from model.leases import Operation

TOGETHER = 100  # operations of one transaction
PROCESSES = (1, 8, 32, 64)
MANY = 10_000  # from here on, host-local takes long
MOST_FILES = 100_000


class Rows:
    """The yardstick: rows written by SQLite alone, as durable as the store's."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "rows.db", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "CREATE TABLE IF NOT EXISTS one (id INTEGER PRIMARY KEY, text TEXT)",
        ):
            self._connection.execute(statement)

    def write(self, count: int) -> float:
        """Seconds a row, of `count` rows inserted in one transaction."""
        return timed(lambda: self._insert(count)) / count

    def _insert(self, count: int) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for _ in range(count):
            self._connection.execute("INSERT INTO one (text) VALUES (?)", ("x" * 200,))
        self._connection.execute("COMMIT")


class Claims:
    """Claims on one store, of containers that no other round names."""

    def __init__(self, store: Store, size: Size) -> None:
        self._store = store
        self._size = size

    def variants(self, name: str, count: int) -> list[Variant]:
        """A claim and the release of what it got, of `count` addresses in one transaction."""
        return [
            Variant(f"claim, {name}", lambda number: self._claim(number, count)),
            Variant(f"release, {name}", lambda number: self._release(number, count)),
        ]

    def _claim(self, number: int, count: int) -> float:
        size = self._size
        claims = [
            claim_of(self._store, f"r{number}-{place}", "p", size.family, size.prefix_bits)
            for place in range(count)
        ]
        return timed(lambda: self._execute(claims, Claimed)) / count

    def _release(self, number: int, count: int) -> float:
        releases = [release_of(f"r{number}-{place}") for place in range(count)]
        return timed(lambda: self._execute(releases, Released)) / count

    def _execute(self, operations: Sequence[Operation], expected: type) -> None:
        for outcome in self._store.leases.execute(operations, NOW_SECONDS):
            if not isinstance(outcome, expected):
                raise TypeError(f"not {expected.__name__}: {outcome}")


class Crowd:
    """Processes that claim from one store at the same time."""

    def __init__(self, db: Path, processes: int, count: int) -> None:
        self._db = db
        self._processes = processes
        self._count = count
        self._a_second: list[float] = []

    def variant(self, name: str, facts: list[tuple[str, str]]) -> Variant:
        """The seconds of each claim; how many a second that makes goes among the facts."""
        place = len(facts)
        facts.append(("", ""))

        def claims(number: int) -> Sequence[float]:
            samples, seconds = in_parallel(self._db, self._processes, self._count, f"r{number}")
            self._a_second.append(len(samples) / seconds)
            facts[place] = (f"claims a second, {name}", f"{statistics.median(self._a_second):.0f}")
            return samples

        return Variant(name, claims)


def groups(options: Options) -> Iterator[Group]:
    """Everything, from one process to many, then whole processes beside host-local."""
    stores = Stores(options.folder)
    held = FEW if options.quick else HELD
    largest = stores.path(SIZES[2], held[-1])
    with open_store(str(largest)) as store:
        wrong = check(store)
    if wrong:
        raise RuntimeError(f"the prepared store is not whole: {wrong[0]}")
    yield from in_one_process(options, stores, 1, "One claim a transaction, in one process")
    yield from in_one_process(
        options, stores, TOGETHER, f"An address of {TOGETHER} claimed in one transaction"
    )
    yield parallel(options, stores)
    yield from beside_host_local(options, stores)


def in_one_process(options: Options, stores: Stores, count: int, title: str) -> Iterator[Group]:
    """Claims and releases of `count` addresses a transaction, on every size and number held."""
    rows = Rows(options.folder)
    yardstick = Variant("a row, by SQLite alone", lambda _: rows.write(count))
    variants = [yardstick]
    with ExitStack() as stack:
        for size, held in worlds(FEW if options.quick else HELD):
            if held + count <= size.count:
                store = stack.enter_context(open_store(str(stores.path(size, held))))
                variants += Claims(store, size).variants(world_name(size, held), count)
        yield Group(title, variants, yardstick.name)


def parallel(options: Options, stores: Stores) -> Group:
    """The wait of one claim while others claim too, and how many a second that makes."""
    size, count = SIZES[2], 2 if options.quick else 10
    facts: list[tuple[str, str]] = []
    variants = [
        Crowd(stores.path(size, held), processes, count).variant(
            f"{processes} at once, {held:,} held", facts
        )
        for held in (0, (FEW if options.quick else HELD)[-1])
        for processes in ((1, 4) if options.quick else PROCESSES)
    ]
    title = "Claims of processes at the same time, one a transaction, /8"
    return Group(title, variants, variants[0].name, facts, slower=20)


def beside_host_local(options: Options, stores: Stores) -> Iterator[Group]:
    """Whole-process ADD and DEL of both plugins, on ranges of one size with as many held."""
    executable = install_embedded(str(options.folder))
    bare = Variant("bare interpreter", lambda _: timed(lambda: run(BARE)))
    for held in FEW if options.quick else HELD:
        variants = [bare]
        for size, _ in worlds((held,)):
            if host_local.is_installed() and held <= MOST_FILES:
                theirs = host_local.plugin(options.folder, size, held)
                variants += calls(f"host-local, {size.name}", theirs)
            ours = embedded(executable, stores.path(size, held))
            variants += calls(f"poolweaver, {size.name}", ours)
        baseline = variants[1] if variants[1].name.startswith("host-local") else bare
        slower = 10 if held >= MANY else 2
        yield Group(f"ADD and DEL, {held:,} held", variants, baseline.name, slower=slower)


def calls(name: str, plugin: Plugin) -> list[Variant]:
    """ADD of a container, and its DEL."""
    return [
        Variant(f"{name}: ADD", lambda number: plugin.seconds("ADD", f"r{number}")),
        Variant(f"{name}: DEL", lambda number: plugin.seconds("DEL", f"r{number}")),
    ]


PROGRAM = Program(
    "allocate",
    "Addresses",
    "What a claim and a release cost in the store, whatever the size of the pool and however many "
    "addresses are held; what they cost when many processes want one at the same time; and the "
    "whole process of a CNI ADD and DEL, decision included, beside Debian's `host-local`, which "
    "decides nothing and keeps a file an address without syncing it. Held addresses are the lowest "
    "of their pool. Above a hundred thousand files, host-local is left out.",
    groups,
    rounds=61,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; the exit code."""
    return run_program(PROGRAM, arguments)


if __name__ == "__main__":
    sys.exit(main())
