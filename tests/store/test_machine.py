"""The store against plain sets and dictionaries, over everything that happens to addresses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from model.addresses import address_text
from model.leases import (
    Claim,
    Claimed,
    Existing,
    FamilyClaim,
    Holder,
    Lease,
    LetGo,
    NoneLeft,
    NothingHeld,
    PoolChoice,
    Release,
    Stale,
    TakeOver,
    stateful_set_tenant,
)
from model.sightings import Sighting
from store import bits
from store.create import create_store
from store.repair import bitmap as bitmap_room
from store.repair import check, rebuild
from store.store import open_store
from tests.soak import scaled
from tests.store.build import NOW, attachment, holder, number, pool, reserved, run, write
from tests.store.plain import PlainStore
from tests.store.processes import ROOT

BASE = {4: number("10.0.0.0"), 6: number("fd00::")}
SIZE = {4: 6, 6: 3}
POOLS = {"a": 4, "b": 4, "six": 6}
SUBNET = {4: "10.0.0.0/8", 6: "fd00::/64"}
NAMES = [f"c{i}" for i in range(5)]
GRACE = 10
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # nothing here loses power
containers = st.sampled_from(NAMES)
SET = Holder("shop", "web", "u3", stateful_set_tenant("shop", "set", "web", "eth0"))
HOLDERS = [holder("web"), holder("web", "u1"), holder("web", "u2"), SET]
holders = st.sampled_from(HOLDERS)
V4 = st.permutations(["a", "b"]).flatmap(lambda names: st.sampled_from([names, names[:1]]))
wanted_pools = st.one_of(
    V4.map(lambda names: [names]), V4.map(lambda names: [names, ["six"]]), st.just([["six"]])
)
offsets = st.integers(0, SIZE[4])
quarantines = st.sampled_from([0, 10, 10, 30])


def numbers(leases: object) -> list[int]:
    assert isinstance(leases, list | tuple)
    return [lease.address for lease in leases]


def texts(chosen: set[int], family: int) -> list[str]:
    return [address_text(family, one) for one in sorted(chosen)]


class Dying:
    """The one process that lets others die; see `tests.store.dying`."""

    process: ClassVar[subprocess.Popen[str] | None] = None

    @classmethod
    def at(cls, path: str) -> None:
        """A process dies in the middle of a transaction on this store."""
        if cls.process is None:
            cls.process = subprocess.Popen(
                [sys.executable, "-B", "-m", "tests.store.dying"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
        process = cls.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "dead\n"

    @classmethod
    def end(cls) -> None:
        """Nobody dies any more."""
        if cls.process is not None:
            cls.process.communicate()
            cls.process = None


def teardown_module() -> None:
    Dying.end()


class StoreMachine(RuleBasedStateMachine):
    """Two IPv4 pools that share six addresses, one of IPv6 with three, and five attachments."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=IN_MEMORY)
        self.crashes = 0
        self.path = Path(self.folder.name) / "ipam.db"
        self.store = create_store(self.path)
        self.plain = PlainStore(POOLS, NOW)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def lease(self, one: int) -> Lease:
        """The lease of an address that the model holds."""
        family = POOLS[self.plain.held[one].pool]
        lease = self.store.leases.by_address(family, one)
        assert lease is not None
        return lease

    @initialize(cut=offsets)
    def make_pools(self, cut: int) -> None:
        self.resize(cut, SIZE[4], SIZE[6], set(), 10, 0, 10)

    @rule(
        container=containers,
        who=holders,
        wanted=wanted_pools,
        giving_up=st.booleans(),
        stale=st.sampled_from([False] * 9 + [True]),
    )
    def claim(
        self, container: str, who: Holder, wanted: list[list[str]], giving_up: bool, stale: bool
    ) -> None:
        self.do_claim(container, who, wanted, None, giving_up=giving_up, stale=stale)

    @rule(container=containers, who=holders, pools=V4, offset=st.integers(0, SIZE[4] + 1))
    def claim_by_number(self, container: str, who: Holder, pools: list[str], offset: int) -> None:
        self.do_claim(container, who, [pools], BASE[4] + offset)

    def do_claim(
        self,
        container: str,
        who: Holder,
        wanted: list[list[str]],
        address: int | None,
        *,
        giving_up: bool = False,
        stale: bool = False,
    ) -> None:
        families = [POOLS[pools[0]] for pools in wanted]
        mine = self.plain.of_tenant(who.tenant) if giving_up else []
        operation = Claim(
            attachment(container),
            who,
            [
                FamilyClaim(family, [PoolChoice(name, 8) for name in pools], address)
                for family, pools in zip(families, wanted, strict=True)
            ],
            "0" if stale else self.store.pools.rules_digest(),
            [self.lease(one) for one in mine],
            "moves",
        )
        outcome = run(self.store, operation, self.plain.now)
        already = self.plain.bound(container)
        if already:
            assert isinstance(outcome, Existing)
            assert numbers(outcome.leases) == already
        elif stale:
            assert outcome == Stale()
        else:
            given = self.plain.claim(container, who.tenant, wanted, address, mine)
            if isinstance(given, int):
                assert outcome == NoneLeft(families[given])
            else:
                assert isinstance(outcome, Claimed)
                assert numbers(outcome.leases) == given

    @rule(container=containers, keep=st.booleans())
    def release(self, container: str, keep: bool) -> None:
        mine = self.plain.bound(container)
        outcome = run(self.store, Release(attachment(container), keep), self.plain.now)
        assert numbers(outcome.leases) == mine
        for one in mine:
            self.plain.end(one, keep=keep)

    @precondition(lambda self: self.plain.held)
    @rule(data=st.data(), keep=st.booleans(), stale=st.booleans())
    def let_go(self, data: st.DataObject, keep: bool, stale: bool) -> None:
        """Of one or two interfaces at once: all as they were read, or none."""
        choice = st.sampled_from(sorted(self.plain.held))
        drawn = data.draw(st.lists(choice, min_size=1, max_size=2, unique=True))
        chosen = self.plain.whole(drawn)
        read = [self.lease(one) for one in chosen]
        if stale:
            read[-1] = read[-1].replace(revision="0")
        outcome = run(self.store, LetGo(read, "why", keep), self.plain.now)
        if stale:
            assert outcome == Stale()
            return
        changed = [one for one in chosen if self.plain.end(one, keep=keep)]
        assert numbers(outcome.leases) == changed

    @rule(container=containers, who=holders, looks=st.sampled_from(["", "first", "elsewhere"]))
    def take_over(self, container: str, who: Holder, looks: str) -> None:
        seen = [lease.revision for lease in self.store.leases.by_tenant(who.tenant)]
        expected = {"": None, "first": seen, "elsewhere": ["0"]}[looks]
        outcome = run(self.store, TakeOver(attachment(container), who, expected), self.plain.now)
        already = self.plain.bound(container)
        mine = self.plain.of_tenant(who.tenant)
        if already:
            assert isinstance(outcome, Existing)
            assert numbers(outcome.leases) == already
        elif not mine:
            assert outcome == NothingHeld()
        elif looks == "elsewhere":
            assert outcome == Stale()
        else:
            self.plain.take_over(mine, container)
            assert isinstance(outcome, Existing)
            assert numbers(outcome.leases) == mine

    @rule(seconds=st.sampled_from([1, 4, 10, 40]))
    def time_passes(self, seconds: int) -> None:
        self.plain.now += seconds

    @rule(
        cut=offsets,
        end=offsets,
        end_of_six=st.integers(0, SIZE[6]),
        excluded=st.sets(offsets, max_size=3),
        a=quarantines,
        b=quarantines,
        six=quarantines,
    )
    def resize(
        self,
        cut: int,
        end: int,
        end_of_six: int,
        excluded: set[int],
        a: int,
        b: int,
        six: int,
    ) -> None:
        """Pool `a` gets what is before `cut`, `b` what is from there to `end`."""
        wanted = {
            "a": {BASE[4] + i for i in range(min(cut, end)) if i not in excluded},
            "b": {BASE[4] + i for i in range(cut, end) if i not in excluded},
            "six": {BASE[6] + i for i in range(end_of_six)},
        }
        self.write(wanted, {"a": a, "b": b, "six": six})

    @rule(name=st.sampled_from(["a", "b"]), excluded=st.sets(offsets, max_size=2))
    def exclude(self, name: str, excluded: set[int]) -> None:
        """One pool gives up some of its addresses, and all others stay as they are."""
        wanted = {one: set(ranges) for one, ranges in self.plain.ranges.items()}
        wanted[name] -= {BASE[4] + one for one in excluded}
        self.write(wanted, dict(self.plain.quarantine))

    def write(self, wanted: dict[str, set[int]], quarantine: dict[str, int]) -> None:
        pools = [
            pool(
                name,
                *texts(wanted[name], family),
                subnet=SUBNET[family],
                quarantine=quarantine[name],
            )
            for name, family in POOLS.items()
        ]
        leaving = self.plain.leaving(wanted)
        conflicts = write(self.store, *pools, now=self.plain.now)
        assert sorted(one.first for one in conflicts) == leaving
        assert {one.kind for one in conflicts} <= {"address-in-use"}
        if not leaving:
            self.plain.resize(wanted, quarantine)

    @rule(chosen=st.sets(offsets, max_size=4), of_six=st.sets(st.integers(0, 3), max_size=2))
    def reserve(self, chosen: set[int], of_six: set[int]) -> None:
        """These and no others: what was reserved before is free again."""
        self.do_reserve({BASE[4] + one for one in chosen} | {BASE[6] + one for one in of_six})

    @precondition(lambda self: any(lease.state == "resting" for lease in self.plain.held.values()))
    @rule(data=st.data())
    def reserve_what_rests(self, data: st.DataObject) -> None:
        resting = [one for one, lease in self.plain.held.items() if lease.state == "resting"]
        self.do_reserve(self.plain.reserved | {data.draw(st.sampled_from(sorted(resting)))})

    def do_reserve(self, wanted: set[int]) -> None:
        self.plain.reserved = wanted
        records = [
            reserved("r", *texts({one for one in wanted if one < BASE[6]}, 4)),
            reserved("s", *texts({one for one in wanted if one >= BASE[6]}, 6), family=6),
        ]
        assert write(self.store, objects=records, now=self.plain.now) == []

    @rule(kind=st.sampled_from(["r", "s"]))
    def unreserve(self, kind: str) -> None:
        self.store.writer.delete_object("SpiderReservedIP", "", kind)
        gone = BASE[6] if kind == "s" else BASE[4]
        self.plain.reserved -= set(range(gone, gone + 100))

    @rule(name=st.sampled_from(sorted(POOLS)))
    def delete_pool(self, name: str) -> None:
        mine = [lease for lease in self.plain.held.values() if lease.pool == name]
        conflicts = self.store.writer.delete_pool(name, "", self.plain.now)
        assert len(conflicts) == sum(lease.state != "resting" for lease in mine)
        if not conflicts:
            self.plain.delete(name)

    @precondition(lambda self: self.plain.held)
    @rule(data=st.data())
    def see_abandoned(self, data: st.DataObject) -> None:
        """What `reconcile` notes when it finds that a Pod is gone."""
        one = data.draw(st.sampled_from(sorted(self.plain.held)))
        lease, now = self.lease(one), self.plain.now
        self.store.sightings.update([Sighting(lease.family, one, lease.revision, now)], [])
        self.plain.sightings[one] = (self.plain.held[one].changed, now)

    @rule()
    def reconcile(self) -> None:
        """What was seen abandoned twice, and did not change since, is let go of."""
        for sighting in self.store.sightings.list():
            lease = self.store.leases.by_address(sighting.family, sighting.address)
            ripe = self.plain.now - sighting.since_seconds >= GRACE
            same = lease is not None and lease.revision == sighting.revision
            assert (ripe and same) == (sighting.address in self.plain.ripe(GRACE))
            if ripe and same:
                whole = self.plain.whole([sighting.address])
                leases = [self.lease(one) for one in whole]
                run(self.store, LetGo(leases, "abandoned"), self.plain.now)
                for one in whole:
                    self.plain.end(one, keep=False)
                self.store.sightings.update([], [sighting])
                del self.plain.sightings[sighting.address]

    @rule(damage=st.sampled_from(["DELETE FROM node", "UPDATE pool_usage SET allocated = 9", ""]))
    def rebuild(self, damage: str) -> None:
        if damage:
            self.store.database.run(damage)
        rebuild(self.store)

    @rule(dying=st.booleans(), opened=st.booleans())
    def crash(self, dying: bool, opened: bool) -> None:
        """Goes on with the files as they are; perhaps after somebody died while writing to them.

        With `opened`, the old process goes on; else the files are all that is left of it.
        """
        if dying:
            Dying.at(str(self.path))
        if opened:
            return
        self.crashes += 1
        place = Path(self.folder.name) / str(self.crashes)
        place.mkdir()
        for suffix in ("", "-wal"):
            if (file := Path(f"{self.path}{suffix}")).exists():
                shutil.copy(file, place)
        self.store.close()
        self.path = place / "ipam.db"
        self.store = open_store(str(self.path))

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        stored = {
            one.address: (
                name,
                one.state,
                one.attachment.container_id,
                one.holder.tenant,
                one.rests_until_seconds or None,
            )
            for name in POOLS
            for one in self.store.leases.by_pool(name)
        }
        assert stored == {
            one: (lease.pool, lease.state, lease.container, lease.tenant, lease.rests_until)
            for one, lease in self.plain.held.items()
        }

    @invariant()
    def every_way_to_look_gives_the_same(self) -> None:
        kept = {one for one, lease in self.plain.held.items() if lease.state == "kept"}
        assert {lease.address for lease in self.store.leases.kept()} == kept
        for name in NAMES:
            found = self.store.leases.by_attachment(attachment(name))
            assert numbers(found) == self.plain.bound(name)
        for who in HOLDERS:
            found = self.store.leases.by_tenant(who.tenant)
            assert numbers(found) == self.plain.of_tenant(who.tenant)
        seen = {one.address: one.since_seconds for one in self.store.sightings.list()}
        assert seen == {one: since for one, (_, since) in self.plain.sightings.items()}

    @invariant()
    def the_counts_are_those_of_the_model(self) -> None:
        for name, usage in self.store.pools.usage(list(POOLS)).items():
            mine = {one: lease for one, lease in self.plain.held.items() if lease.pool == name}
            bound = {one for one, lease in mine.items() if lease.state != "resting"}
            assert (usage.total, usage.allocated, usage.resting, usage.free) == (
                len(self.plain.ranges[name]),
                len(bound),
                len(mine) - len(bound),
                len(self.plain.ranges[name] - self.plain.reserved - bound),
            )

    @invariant()
    def the_next_free_address_is_that_of_the_model(self) -> None:
        for name in POOLS:
            found = self.store.leases.next_free(name, self.plain.now)
            assert found == self.plain.next_free(name)

    @invariant()
    def everything_derived_agrees(self) -> None:
        assert check(self.store) == []


class NarrowStoreMachine(StoreMachine):
    """The same on a bitmap whose nodes have four bits, so that they fill, and their parents, too.

    With the width of a real node that would take a thousand leases in each run.
    """

    def __init__(self) -> None:
        set_width(2)
        super().__init__()

    def teardown(self) -> None:
        super().teardown()
        set_width(10)


def set_width(shift: int) -> None:
    """Lets a node of the bitmap have `2**shift` bits."""
    bits.SHIFT = shift
    bitmap_room.SHIFT = shift  # type: ignore[attr-defined]  # which has it from there
    bits.FANOUT = 1 << shift
    bits.FULL = (1 << bits.FANOUT) - 1
    bits._OFFSET = bits.FANOUT - 1


much = settings(max_examples=scaled(40, 5000), stateful_step_count=scaled(40, 80), deadline=None)
TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = much
TestNarrowStoreMachine = NarrowStoreMachine.TestCase
TestNarrowStoreMachine.settings = settings(much, max_examples=scaled(20, 5000))
