"""One trial by seed: clients that add, delete, take over, let go, apply and repair, in trouble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from random import Random

from model.errors import StoreBusyError
from model.leases import (
    BOUND,
    Attachment,
    Busy,
    Claimed,
    Existing,
    Holder,
    Lease,
    LetGo,
    NoneLeft,
    NothingHeld,
    Release,
    Released,
    Stale,
    TakeOver,
    stateful_set_tenant,
)
from model.pools import PoolRecord
from tests.objects.api import AlreadyExistsError, ConflictError, FakeApi
from tests.objects.faults import FaultyApi
from tests.objects.promises import Promises, same
from tests.objects.repair import repair
from tests.objects.store import ObjectStore
from tests.objects.turns import Turns
from tests.store.build import NOW, attachment, both, holder, number, pool, run, write

QUARANTINE = 10
FOUR, SIX = ("10.0.0.1", "10.0.0.7"), ("fd00::1", "fd00::6")
PLACES = [(4, number(FOUR[0]) + i) for i in range(7)] + [(6, number(SIX[0]) + i) for i in range(6)]
SETS = [
    Holder("shop", f"db-{i}", f"u{i}", stateful_set_tenant("shop", "db", f"db-{i}", "eth0"))
    for i in range(2)
]
STEPS = ("add", "add", "add", "delete", "delete", "let go", "apply", "repair")


class Trial:
    """An API, its clients, and what they were promised.

    An attachment belongs to one client, which asks one thing at a time of it, as a container
    runtime does; tenants, pools and addresses belong to all. With `shared`, attachments do, too,
    and nobody can rely on an answer: what holds at every moment is then all there is to see.
    """

    def __init__(self, seed: int, often: float, deadly: float, *, shared: bool = False) -> None:
        self._shared = shared
        self.api = FakeApi()
        self.calm = ObjectStore(self.api, "calm")
        write(self.calm, four_pool(), six_pool(0))
        self.promises = Promises(self.api, self.calm.pools.rules_digest())
        self.outcomes: list[str] = []
        self._chance = Random(seed)
        self._often = often
        self._late: list[Callable[[], object]] = []
        self._turns = Turns(self._chance, deadly)
        self._now = NOW

    def run(self, clients: int, steps: int) -> None:
        """Lets clients work until each has done its steps or is dead."""
        for client in range(clients):
            self._turns.add(partial(self._work, client, steps))
        self._turns.run(self.promises.look)

    def settle(self) -> None:
        """What is still on its way arrives, time passes, and one client repairs."""
        for request in self._late:
            with suppress(AlreadyExistsError, ConflictError):
                request()
            self.promises.look()
        repair(self.calm.ledger, self._now + 1000)
        self.promises.look()

    def _work(self, client: int, steps: int, pause: Callable[[], None]) -> None:
        api = FaultyApi(self.api, self._chance, self._often, self._late, pause)
        store = ObjectStore(api, f"client{client}")
        for _ in range(steps):
            self._now += self._chance.randrange(4)
            owner = 0 if self._shared else client
            place = attachment(f"c{owner}-{self._chance.randrange(3)}", node=f"node{owner}")
            with suppress(StoreBusyError):
                self._step(self._chance.choice(STEPS), client, store, place)

    def _step(self, step: str, client: int, store: ObjectStore, place: Attachment) -> None:
        if step == "add":
            self._add(store, place)
        elif step == "delete":
            self._delete(store, place)
        elif step == "let go":
            self._let_go(store)
        elif step == "repair":
            repair(store.ledger, self._now)
        elif client == 0:
            self._apply(store)

    def _ask(self, store: ObjectStore, operation: object) -> object:
        outcome: object = run(store, operation, self._now)  # type: ignore[arg-type]
        self.outcomes.append(type(outcome).__name__)
        return outcome

    def _add(self, store: ObjectStore, place: Attachment) -> None:
        """As `ipam` does: what the tenant holds, else a claim."""
        who = self._chance.choice([holder("web"), holder("web", place.container_id), *SETS])
        promises = self.promises
        before, suspects = promises.answered.get(place), promises.suspects()
        if not before:
            promises.answered.pop(place, None)
            if not isinstance(self._take_over(store, place, who), NothingHeld):
                return
        wanted = both(store, "", who=who).replace(attachment=place)
        if not before and self._chance.random() < 0.3:
            wanted = wanted.replace(letting_go=store.leases.kept(), reason="moved")
            promises.doom(wanted.letting_go)
        outcome = self._ask(store, wanted)
        if before and promises.answered.get(place) is before:
            assert isinstance(outcome, Busy) or (
                isinstance(outcome, Existing) and same(outcome.leases, before)
            )
        elif isinstance(outcome, (Claimed, Existing)):
            assert [lease.family for lease in outcome.leases] == [4, 6]
            self._believe(place, outcome.leases, suspects)
        else:
            assert isinstance(outcome, (NoneLeft, Stale, Busy))

    def _take_over(self, store: ObjectStore, place: Attachment, who: Holder) -> object:
        self.promises.moving(who.tenant, place)
        suspects = self.promises.suspects()
        outcome = self._ask(store, TakeOver(place, who))
        if not isinstance(outcome, Busy):
            self.promises.moved(who.tenant, place)
        if isinstance(outcome, Existing):
            self._believe(place, outcome.leases, suspects)
        return outcome

    def _believe(
        self, place: Attachment, leases: Sequence[Lease], suspects: Callable[[Attachment], set[str]]
    ) -> None:
        if not self._shared:
            self.promises.believe(place, leases, suspects)

    def _delete(self, store: ObjectStore, place: Attachment) -> None:
        self.promises.answered.pop(place, None)
        outcome = self._ask(store, Release(place, keep=self._chance.random() < 0.5))
        assert isinstance(outcome, (Released, Busy))
        if isinstance(outcome, Released):
            self._believe(place, [], self.promises.suspects())

    def _let_go(self, store: ObjectStore) -> None:
        """Of two whole interfaces at once, of anybody, as `reconcile` and people do."""
        fours = [lease for lease in store.leases.by_pool("a") if lease.state == BOUND][:2]
        sixes = [
            lease
            for four in fours
            for lease in store.leases.by_attachment(four.attachment)
            if lease.family == 6
        ]
        self.promises.doom(fours + sixes)
        self._ask(store, LetGo(fours + sixes, "gone", keep=self._chance.random() < 0.5))

    def _apply(self, store: ObjectStore) -> None:
        """Other rules; only once that is answered, the old ones are out of force."""
        six = six_pool(self._chance.randrange(3))
        before, digest = set(self.promises.digests), digest_with(six)
        self.promises.digests.add(digest)
        store.writer.write([six], [], {}, self._now)
        self.promises.digests -= before - {digest}


def four_pool() -> PoolRecord:
    return pool("a", "-".join(FOUR), quarantine=QUARANTINE)


def six_pool(priority: int) -> PoolRecord:
    ips = "-".join(SIX)
    return pool("six", ips, subnet="fd00::/64", quarantine=QUARANTINE, priority=priority)


def digest_with(six: PoolRecord) -> str:
    """The digest of the rules with this pool."""
    store = ObjectStore(FakeApi(), "other")
    write(store, four_pool(), six)
    return store.pools.rules_digest()
