"""Runs behind the disk: an operation on a store, failing at each of its calls in turn.

Prints how many calls failed and, one a line, what of the promise did not hold:

- An operation that raised left the store as it was; one that was answered is whole.
- What it raised is a StoreError with the code for what the disk did.
- The store is whole, for this process, for another one, and for one that finds the files as they
  are on the disk then, as after a crash. That last one may find the operation done, but whole: a
  disk that fails while a commit is made durable does not say how much of it arrived.
- On a healed disk the same operation works.
"""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from model.errors import StoreError
from model.leases import Claim, Existing, FamilyClaim, PoolChoice, Release, Released
from store.create import create_store
from store.repair import check
from store.store import Store, open_store
from tests.store.build import attachment, holder, pool, run, write
from tests.store.faults.disk import Disk

State = frozenset[tuple[str, str, str]]
FULL, FAILED, DAMAGED = "store-full", "store-failed", "store-damaged"


class Fault:
    """What the disk does, and the codes that a user may be told then. See `disk.c`."""

    def __init__(
        self,
        error: int,
        *codes: str,
        sticky: bool = False,
        part: bool = False,
        reading: bool = False,
    ) -> None:
        self.codes = codes
        self._error, self._sticky, self._part, self._reading = error, sticky, part, reading

    def arm(self, disk: Disk, nth: int) -> None:
        """From the nth call on."""
        disk.arm(nth, self._error, sticky=self._sticky, part=self._part, reading=self._reading)


# What is over in a moment is over before anybody could look at what it was.
FAULTS = {
    "full": Fault(errno.ENOSPC, FULL, sticky=True),
    "full for a moment": Fault(errno.ENOSPC, FULL, FAILED),
    "full after half of a write": Fault(errno.ENOSPC, FULL, sticky=True, part=True),
    "quota": Fault(errno.EDQUOT, FULL, sticky=True),
    "quota for a moment": Fault(errno.EDQUOT, FULL, FAILED),
    "not writable": Fault(errno.EIO, FAILED, sticky=True),
    "not writable for a moment": Fault(errno.EIO, FAILED),
    "not writable after half of a write": Fault(errno.EIO, FAILED, sticky=True, part=True),
    "broken": Fault(errno.EIO, FAILED, DAMAGED, sticky=True, reading=True),
    "broken for a moment": Fault(errno.EIO, FAILED, DAMAGED, reading=True),
}


def claim_both(store: Store, container: str = "new") -> object:
    """A claim of both families."""
    families = [FamilyClaim(4, [PoolChoice("a", 8)]), FamilyClaim(6, [PoolChoice("six", 64)])]
    digest = store.pools.rules_digest()
    return run(store, Claim(attachment(container), holder(container), families, digest))


def release_one(store: Store) -> object:
    """A release of both families."""
    return run(store, Release(attachment("c1")))


def apply_pool(store: Store) -> object:
    """A new pool, which writes to most tables."""
    return write(store, pool("b", "10.1.0.1-10.1.0.9", text="rules 1\n# " + "x" * 9000))


OPERATIONS: dict[str, Callable[[Store], object]] = {
    "claim": claim_both,
    "release": release_one,
    "apply": apply_pool,
}


def make(folder: Path) -> None:
    """A store with pages enough to split, closed."""
    with create_store(folder / "ipam.db") as store:
        write(
            store,
            pool("a", "10.0.0.1-10.0.0.200"),
            pool("six", "fd00::1-fd00::ff", subnet="fd00::/64"),
        )
        for number in range(60):
            claim_both(store, f"c{number}")


def state(store: Store) -> State:
    """All that operations change: leases, and the pools there are."""
    names = [name for family in (4, 6) for name in store.pools.names(family)]
    leases = [lease for name in names for lease in store.leases.by_pool(name)]
    pools = {("pool", name, "") for name in names}
    return frozenset(
        {(one.answer.address, one.state, one.attachment.container_id) for one in leases} | pools
    )


class Case:
    """One operation on one kind of store, and what may be found afterwards."""

    def __init__(self, folder: Path, warmth: str, operation: str) -> None:
        self._folder = folder
        self._warmth = warmth
        self._operate = OPERATIONS[operation]
        self.name = f"{operation}, {warmth}"
        with self._open() as store:
            self._old = state(store)
            self._operate(store)
            self._new = state(store)

    def _open(self) -> Store:
        """A store in a place of its own, as cold or warm as the case wants it."""
        place = self._folder / "case"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self._folder / "template", place)
        store = open_store(str(place / "ipam.db"))
        if self._warmth != "fresh":  # a log with frames in it
            claim_both(store, "warm")
        if self._warmth == "checkpoint":  # which the next commit copies into the database
            store.database.run("PRAGMA wal_autocheckpoint = 1")
        return store

    def fail(self, disk: Disk, nth: int, fault: str) -> tuple[bool, list[str]]:
        """Whether there was an nth call, and what went wrong then."""
        store = self._open()
        told, found = "", []
        FAULTS[fault].arm(disk, nth)
        try:
            if self._warmth == "whole":  # opening and closing fail, too
                store.close()
                with open_store(store.database.path) as store:
                    self._operate(store)
            else:
                self._operate(store)
        except StoreError as problem:
            told = problem.code
            if told not in FAULTS[fault].codes:
                found.append(f"said {told}: {problem.message}")
        except Exception as problem:  # noqa: BLE001
            found.append(f"raised {problem!r}")
        reached = disk.heal() >= nth
        found += self._judge(store, told) if reached or found else []
        store.close()
        return reached, [f"{self.name}, {fault}, call {nth}: {line}" for line in found]

    def _judge(self, store: Store, told: str) -> Iterator[str]:
        expected = {self._old} if told else {self._new}
        path = Path(store.database.path)
        yield from self._look(self._crashed(path), expected | {self._new}, "after a crash")
        if self._warmth == "whole":  # whoever comes next finds what a crash leaves, too
            yield from self._look(path, expected | {self._new}, "to another process")
            return
        yield from self._look(path, expected, "to another process")
        if state(store) not in expected:
            yield "half of it is there"
        try:
            again = self._operate(store)
            if not isinstance(again, Existing | Released | list) and not told:
                yield f"again: {again}"
        except StoreError as problem:
            yield f"again: {problem.code} {problem.message}"
        if state(store) != self._new:
            yield "repeating it does not do it"
        yield from map(str, check(store))

    def _look(self, path: Path, expected: set[State], who: str) -> Iterator[str]:
        with open_store(str(path)) as store:
            yield from (f"{who}: {line}" for line in check(store))
            if state(store) not in expected:
                yield f"{who}: {sorted(state(store) ^ self._old)} is what changed"

    def _crashed(self, path: Path) -> Path:
        """The files as a process that comes after a crash finds them."""
        place = self._folder / "crashed"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for name in ("ipam.db", "ipam.db-wal"):
            if (path.parent / name).exists():
                shutil.copy(path.parent / name, place / name)
        return place / path.name


def main(folder: Path, warmth: str, operation: str) -> None:
    """All faults at all calls of one case."""
    (folder / "template").mkdir()
    make(folder / "template")
    disk, case, failures = Disk(), Case(folder, warmth, operation), 0
    for fault in FAULTS:
        nth, reached = 1, True
        while reached:
            reached, found = case.fail(disk, nth, fault)
            sys.stdout.writelines(f"{line}\n" for line in found)
            failures, nth = failures + reached, nth + 1
    sys.stdout.write(f"{failures}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
