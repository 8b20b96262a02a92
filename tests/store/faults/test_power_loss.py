"""The power goes at any moment: what was answered is there, and what is there is whole."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from model.leases import Claimed
from store.repair import check
from store.store import Store, open_store
from tests.chance import seed
from tests.ipam.calls import make_store, pool
from tests.soak import scaled
from tests.store.faults import disk
from tests.store.faults.failing import claim_both
from tests.store.faults.power import Entry, Folder, entries

CALLS = scaled(16, 400)  # of each process
TORN = scaled(2, 20)  # torn variants of each moment


class Truth:
    """What the processes were answered, up to some moment."""

    def __init__(self) -> None:
        self.held: dict[str, set[str]] = {}
        self.asking: set[str] = set()

    def hear(self, line: str) -> None:
        sign, name, *addresses = line.split()
        self.asking.discard(name)
        if sign == "?":
            self.asking.add(name)
        elif sign == "+":
            self.held[name] = set(addresses)
        else:
            del self.held[name]

    def doubts(self, found: dict[str, set[str]]) -> Iterator[str]:
        """What may not be, one line each."""
        for name in sorted(self.held.keys() | found.keys() | self.asking):
            is_there, expected = found.get(name), self.held.get(name)
            if name not in self.asking:
                if is_there != expected:
                    yield f"{name} holds {is_there}, and was answered {expected}"
            elif is_there and expected and is_there != expected:
                yield f"{name} holds {is_there} instead of {expected}"
            elif is_there is not None and len(is_there) != 2:
                yield f"{name} holds {is_there}: half an interface"


def bound(store: Store) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in ("a", "six"):
        for lease in store.leases.by_pool(name):
            if lease.state == "bound":
                held = found.setdefault(lease.attachment.container_id, set())
                held.add(lease.answer.address)
    return found


class Laboratory:
    """Opens what a power loss left, and says what of the promise does not hold."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.opened = 0

    def broken(self, files: dict[str, bytes], truth: Truth) -> list[str]:
        shutil.rmtree(self._place, ignore_errors=True)
        self._place.mkdir()
        for name, content in files.items():
            (self._place / name).write_bytes(content)
        self.opened += 1
        with open_store(str(self._place / "ipam.db")) as store:
            wrong = [str(one) for one in check(store)] + list(truth.doubts(bound(store)))
            if not isinstance(claim_both(store, "after"), Claimed):
                wrong.append("nothing can be claimed any more")
            return wrong


def losses(
    log: list[Entry], base: dict[str, bytes], chance: random.Random, place: Path
) -> tuple[int, list[str]]:
    """(stores that were opened, what was wrong): at each call to synchronize, before and after it."""
    folder, truth, laboratory, found = Folder(base), Truth(), Laboratory(place), list[str]()
    for number, entry in enumerate(log):
        if entry.name == "answers":
            if entry.kind == "w":
                truth.hear(entry.data.decode())
            continue
        moments = [False, True] if entry.kind == "s" else [True] if chance.random() < 0.05 else []
        for after in moments:
            if after:
                folder.play(entry)
            variants = [("synchronized", folder.synced()), ("all", folder.whole())]
            variants += [("torn", folder.torn(chance)) for _ in range(TORN)]
            for name, files in variants:
                moment = f"{'after' if after else 'before'} call {number}, {name}"
                found += [f"{moment}: {line}" for line in laboratory.broken(files, truth)]
        if not moments:
            folder.play(entry)
    return laboratory.opened, found


def record(
    library: Path, folder: Path, number: int, synchronous: str
) -> tuple[list[Entry], dict[str, bytes]]:
    """What processes wrote under load, and the file they began with."""
    place = folder / "store"
    place.mkdir()
    manifests = pool("a", "10.0.0.1-10.0.0.40", default=True)
    manifests += pool("six", "fd00::1-fd00::ff", subnet="fd00::/64", default=True)
    with open_store(str(make_store(place / "ipam.db", manifests))) as store:
        store.settings.set("quarantine_seconds", "20")
    base = {"ipam.db": (place / "ipam.db").read_bytes()}
    file = folder / "record"
    module = "tests.store.faults.recording"
    disk.run(library, place, module, number, CALLS, synchronous, record=file)
    return list(entries(file, place)), base


def test_what_was_answered_survives_the_loss_of_power(library: Path, folder: Path) -> None:
    number = seed()
    log, base = record(library, folder, number, "FULL")
    opened, found = losses(log, base, random.Random(number), folder / "after")
    assert found[:10] == []
    kinds = {(entry.kind, entry.name) for entry in log}
    assert {("s", "ipam.db"), ("s", "ipam.db-wal"), ("u", "ipam.db-wal"), ("s", "")} <= kinds
    assert opened > 3 * sum(entry.kind == "s" for entry in log)


def played(log: Iterable[Entry], base: dict[str, bytes]) -> tuple[Folder, Truth]:
    """The files and the answers at the end of a record."""
    folder, truth = Folder(base), Truth()
    for entry in log:
        if entry.name != "answers":
            folder.play(entry)
        elif entry.kind == "w":
            truth.hear(entry.data.decode())
    return folder, truth


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_a_store_that_synchronizes_less_loses_what_it_answered(
    library: Path, folder: Path, synchronous: str
) -> None:
    """That the test above would notice."""
    number = seed()
    log, base = record(library, folder, number, synchronous)
    everything, truth = played(log, base)
    assert truth.asking == set()
    laboratory = Laboratory(folder / "after")
    assert laboratory.broken(everything.whole(), truth) == []
    answers = [place for place, entry in enumerate(log) if entry.name == "answers"]
    assert any(
        laboratory.broken(half.synced(), truth)
        for half, truth in (played(log[: place + 1], base) for place in answers)
    )
