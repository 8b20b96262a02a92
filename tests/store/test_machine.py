"""The store against a model of plain sets and dicts, over everything that happens to addresses."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from model.addresses import address_text
from model.leases import (
    Claimed,
    Existing,
    Holder,
    LetGo,
    NoneLeft,
    NothingHeld,
    Release,
    Stale,
    TakeOver,
    stateful_set_tenant,
)
from store.create import create_store
from store.repair import check
from tests.store.build import (
    NOW,
    attachment,
    claim_of,
    holder,
    number,
    pool,
    reserved,
    run,
    texts,
    write,
)

BASE = number("10.0.0.0")
QUARANTINE = 10
containers = st.sampled_from([f"c{i}" for i in range(5)])
SET = Holder("shop", "web", "u3", stateful_set_tenant("shop", "set", "web", "eth0"))
holders = st.sampled_from([holder("web"), holder("web", "u1"), holder("web", "u2"), SET])
offsets = st.integers(0, 11)
POOLS = ("a", "b")


class ModelLease:
    """What the model knows of an address that is held."""

    def __init__(self, pool_name: str, container: str, tenant: str, time: int, order: int) -> None:
        self.pool = pool_name
        self.container = container
        self.tenant = tenant
        self.time = time
        self.order = order
        self.kept = False
        self.rests_until: int | None = None

    @property
    def state(self) -> str:
        if self.rests_until is not None:
            return "resting"
        return "kept" if self.kept else "bound"


class StoreMachine(RuleBasedStateMachine):
    """One family, two pools that share twelve addresses, five attachments, three tenants."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = create_store(Path(self.folder.name) / "ipam.db")
        self.now = NOW
        self.order = 0
        self.ranges: dict[str, set[int]] = {name: set() for name in POOLS}
        self.reserved: set[int] = set()
        self.held: dict[int, ModelLease] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize(cut=offsets)
    def make_pools(self, cut: int) -> None:
        self.resize(cut, 12)

    def bound(self, container: str) -> int | None:
        found = [
            one
            for one, lease in self.held.items()
            if lease.container == container and lease.state == "bound"
        ]
        assert len(found) <= 1
        return found[0] if found else None

    def resting(self, name: str) -> list[tuple[int, int]]:
        """Of a pool, in the order in which they are given on."""
        found = [
            (lease.rests_until, one)
            for one, lease in self.held.items()
            if lease.pool == name and lease.rests_until is not None
        ]
        return sorted(found)

    def pick(self, name: str) -> int | None:
        """The address of a claim on this pool, made free; None if it is full."""
        for until, one in self.resting(name):
            if until <= self.now:
                del self.held[one]
        free = self.ranges[name] - self.reserved - self.held.keys()
        if free:
            return min(free)
        for _, one in self.resting(name):
            if one not in self.reserved:
                del self.held[one]
                return one
        return None

    def tick(self) -> int:
        self.order += 1
        return self.order

    @rule(container=containers, who=holders, names=st.permutations(POOLS), count=st.integers(1, 2))
    def claim(self, container: str, who: Holder, names: list[str], count: int) -> None:
        chosen = names[:count]
        outcome = run(self.store, claim_of(self.store, container, *chosen, who=who), self.now)
        already = self.bound(container)
        if already is not None:
            assert isinstance(outcome, Existing)
            assert [texts(one) for one in outcome.leases] == [address_text(4, already)]
            return
        undo = dict(self.held)
        for name in chosen:
            one = self.pick(name)
            if one is not None:
                lease = ModelLease(name, container, who.tenant, self.now, self.tick())
                self.held[one] = lease
                assert isinstance(outcome, Claimed)
                assert [texts(given) for given in outcome.leases] == [address_text(4, one)]
                return
        self.held = undo  # a refused claim gives nothing back to the pools either
        assert outcome == NoneLeft(4)

    def end(self, one: int, keep: bool) -> bool:
        """Lets go of an address in the model; whether that changes anything."""
        lease = self.held[one]
        keep = keep and lease.tenant != ""
        if lease.state == "resting" or (keep and lease.state == "kept"):
            return False
        lease.kept = keep
        lease.rests_until = None if keep else self.now + QUARANTINE
        lease.time, lease.order = self.now, self.tick()
        return True

    @rule(container=containers, keep=st.booleans())
    def release(self, container: str, keep: bool) -> None:
        one = self.bound(container)
        outcome = run(self.store, Release(attachment(container), keep), self.now)
        expected = [] if one is None else [address_text(4, one)]
        assert [texts(lease) for lease in outcome.leases] == expected
        if one is not None:
            self.end(one, keep)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), keep=st.booleans(), stale=st.booleans())
    def let_go(self, data: st.DataObject, keep: bool, stale: bool) -> None:
        """Of one or two addresses at once: both as they were read, or neither."""
        chosen = data.draw(
            st.lists(st.sampled_from(sorted(self.held)), min_size=1, max_size=2, unique=True)
        )
        leases = [self.store.leases.by_address(4, one) for one in chosen]
        read = [lease for lease in leases if lease is not None]
        assert len(read) == len(chosen)
        if stale:
            read[-1] = read[-1].replace(revision="0")
        outcome = run(self.store, LetGo(read, "why", keep), self.now)
        if stale:
            assert outcome == Stale()
            return
        changed = [address_text(4, one) for one in chosen if self.end(one, keep)]
        assert [texts(lease) for lease in outcome.leases] == changed

    @rule(container=containers, who=holders, looks=st.sampled_from(["", "first", "elsewhere"]))
    def take_over(self, container: str, who: Holder, looks: str) -> None:
        seen = [lease.revision for lease in self.store.leases.by_tenant(who.tenant)]
        expected = {"": None, "first": seen, "elsewhere": ["0"]}[looks]
        operation = TakeOver(attachment(container), who, expected)
        outcome = run(self.store, operation, self.now)
        already = self.bound(container)
        mine = [
            (("resting", "kept", "bound").index(lease.state), lease.order, one)
            for one, lease in self.held.items()
            if who.tenant and lease.tenant == who.tenant
            if lease.state != "resting" or one not in self.reserved
        ]
        if already is None and not mine:
            assert outcome == NothingHeld()
            return
        if already is None and looks == "elsewhere":
            assert outcome == Stale()
            return
        if already is None:
            already = max(mine)[2]
            lease = self.held[already]
            lease.container, lease.kept, lease.rests_until = container, False, None
            lease.time, lease.order = self.now, self.tick()
        assert isinstance(outcome, Existing)
        assert [texts(one) for one in outcome.leases] == [address_text(4, already)]

    @rule(seconds=st.sampled_from([1, 4, QUARANTINE, 40]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(cut=offsets, end=st.integers(0, 12))
    def resize(self, cut: int, end: int) -> None:
        """Pool `a` gets what is before `cut`, `b` what is from there to `end`."""
        wanted = {
            "a": {BASE + i for i in range(min(cut, end))},
            "b": {BASE + i for i in range(cut, end)},
        }
        pools = [
            pool(
                name, *[address_text(4, one) for one in sorted(wanted[name])], quarantine=QUARANTINE
            )
            for name in POOLS
        ]
        leaving = [
            one
            for one, lease in self.held.items()
            if one not in wanted[lease.pool] and lease.rests_until is None
        ]
        conflicts = write(self.store, *pools, now=self.now)
        assert sorted(one.first for one in conflicts) == sorted(leaving)
        assert {one.kind for one in conflicts} <= {"address-in-use"}
        if not leaving:
            self.ranges = wanted
            self.held = {
                one: lease for one, lease in self.held.items() if one in wanted[lease.pool]
            }

    @rule(chosen=st.sets(offsets, max_size=4))
    def reserve(self, chosen: set[int]) -> None:
        self.reserved = {BASE + one for one in chosen}
        record = reserved("r", *[address_text(4, one) for one in sorted(self.reserved)])
        assert write(self.store, objects=[record], now=self.now) == []

    @precondition(lambda self: self.held)
    @rule(name=st.sampled_from(POOLS))
    def delete_pool(self, name: str) -> None:
        mine = [lease for lease in self.held.values() if lease.pool == name]
        conflicts = self.store.writer.delete_pool(name, "", self.now)
        assert len(conflicts) == sum(lease.rests_until is None for lease in mine)
        if not conflicts:
            self.held = {one: lease for one, lease in self.held.items() if lease.pool != name}
            self.ranges[name] = set()

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        for name in POOLS:
            leases = self.store.leases.by_pool(name)
            stored = {
                one.address: (
                    one.state,
                    one.attachment.container_id,
                    one.holder.tenant,
                    one.rests_until_seconds or None,
                )
                for one in leases
            }
            assert stored == {
                one: (lease.state, lease.container, lease.tenant, lease.rests_until)
                for one, lease in self.held.items()
                if lease.pool == name
            }

    @invariant()
    def what_is_kept_is_what_the_model_keeps(self) -> None:
        expected = {one for one, lease in self.held.items() if lease.state == "kept"}
        assert {lease.address for lease in self.store.leases.kept()} == expected

    @invariant()
    def the_counts_are_those_of_the_model(self) -> None:
        for name, usage in self.store.pools.usage(POOLS).items():
            mine = {one: lease for one, lease in self.held.items() if lease.pool == name}
            bound = {one for one, lease in mine.items() if lease.rests_until is None}
            assert (usage.total, usage.allocated, usage.resting, usage.free) == (
                len(self.ranges[name]),
                len(bound),
                len(mine) - len(bound),
                len(self.ranges[name] - self.reserved - bound),
            )

    @invariant()
    def the_next_free_address_is_that_of_the_model(self) -> None:
        for name in POOLS:
            undo = dict(self.held)
            expected = self.pick(name)
            self.held = undo
            assert self.store.leases.next_free(name, self.now) == expected

    @invariant()
    def everything_derived_agrees(self) -> None:
        assert check(self.store) == []

    @rule()
    def look_up_every_attachment(self) -> None:
        for container in [f"c{i}" for i in range(5)]:
            one = self.bound(container)
            found = self.store.leases.by_attachment(attachment(container))
            assert [lease.address for lease in found] == ([] if one is None else [one])


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
