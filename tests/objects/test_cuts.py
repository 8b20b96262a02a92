"""A client that dies at each of its writes in turn: before it, after it, or with it on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

import pytest

from model.leases import Claimed, Existing, LetGo, Release, Released, TakeOver
from tests.objects.api import AlreadyExistsError, ConflictError, FakeApi, Object
from tests.objects.claims import BINDING
from tests.objects.promises import Promises, check_journal
from tests.objects.repair import loose_ends, repair
from tests.objects.store import ObjectStore
from tests.objects.turns import KilledError
from tests.store.build import NOW, attachment, both, holder, number, pool, run, write

Answer = TypeVar("Answer")
WEB = holder("web-1", "u1")
PLACES = [(4, number("10.0.0.1") + i) for i in range(2)] + [
    (6, number("fd00::1") + i) for i in range(4)
]
PLACE = attachment("new")


class CutApi:
    """The API until the `last` write of a client, counted from 1; then the client is dead."""

    def __init__(self, api: FakeApi, last: int, how: str) -> None:
        self._api = api
        self._left = last
        self._how = how
        self.late: list[Callable[[], object]] = []
        self.get = api.get
        self.list = api.list

    def create(self, kind: str, name: str, body: Mapping[str, object]) -> Object:
        return self._write(lambda: self._api.create(kind, name, body))

    def update(self, old: Object, body: Mapping[str, object]) -> Object:
        return self._write(lambda: self._api.update(old, body))

    def delete(self, old: Object) -> None:
        self._write(lambda: self._api.delete(old))

    def _write(self, request: Callable[[], Answer]) -> Answer:
        self._left -= 1
        if self._left > 0:
            return request()
        if self._how == "after":
            request()
        if self._how == "late":
            self.late.append(request)
        raise KilledError

    def deliver(self) -> None:
        with suppress(AlreadyExistsError, ConflictError):
            for request in self.late:
                request()


def prepared() -> FakeApi:
    """WEB keeps the first address of each family; the other IPv4 address rests, of somebody else."""
    api = FakeApi()
    store = ObjectStore(api, "before")
    write(
        store,
        pool("a", "10.0.0.1-10.0.0.2", quarantine=50),
        pool("six", "fd00::1-fd00::4", subnet="fd00::/64", quarantine=50),
    )
    run(store, both(store, "c1", who=WEB))
    run(store, Release(attachment("c1"), keep=True))
    run(store, both(store, "c2", who=holder("db-0", "u2")))
    run(store, Release(attachment("c2")))
    return api


def claim(store: ObjectStore) -> object:
    """Lets go of what is kept, takes what rested longest, and creates an address."""
    kept = store.leases.kept()
    wanted = both(store, "new", who=WEB).replace(letting_go=kept, reason="moved")
    return run(store, wanted, NOW + 1)


def take_over(store: ObjectStore) -> object:
    return run(store, TakeOver(PLACE, WEB), NOW + 1)


def release(store: ObjectStore) -> object:
    run(store, TakeOver(PLACE, WEB), NOW + 1)
    return run(store, Release(PLACE), NOW + 1)


def let_go(store: ObjectStore) -> object:
    return run(store, LetGo(store.leases.kept(), "scaled down"), NOW + 1)


WORK = {one.__name__: one for one in (claim, take_over, release, let_go)}


def cuts(work: Callable[[ObjectStore], object], how: str) -> list[tuple[FakeApi, CutApi]]:
    """The API after each cut of this work; the last write of the work is the last cut."""
    found = []
    for last in range(1, 100):
        api = prepared()
        cut = CutApi(api, last, how)
        try:
            work(ObjectStore(cut, "dead"))
        except KilledError:
            found.append((api, cut))
            continue
        return found
    raise AssertionError("this never ends")


@pytest.mark.parametrize("then", ["add", "delete"])
@pytest.mark.parametrize("how", ["before", "after", "late"])
@pytest.mark.parametrize("name", WORK)
def test_wherever_a_client_dies_the_next_call_goes_on(name: str, how: str, then: str) -> None:
    found = cuts(WORK[name], how)
    assert len(found) > 3
    for api, cut in found:
        store = ObjectStore(api, "next")
        promises = Promises(api, store.pools.rules_digest())
        promises.look()
        if then == "add":
            outcome = run(store, TakeOver(PLACE, WEB), NOW + 2)
            if not isinstance(outcome, Existing):
                outcome = run(store, both(store, "new", who=WEB), NOW + 2)
            assert isinstance(outcome, (Claimed, Existing))
            promises.answered[PLACE] = list(outcome.leases)
        else:
            assert isinstance(run(store, Release(PLACE), NOW + 2), Released)
            promises.answered[PLACE] = []
        promises.look()
        cut.deliver()
        promises.look()
        repair(store.ledger, NOW + 1000)
        promises.look()
        assert loose_ends(api) == []
        check_journal(store, PLACES)


@pytest.mark.parametrize("how", ["before", "after", "late"])
def test_what_a_dead_client_took_over_is_passed_on_whole(how: str) -> None:
    """From claim to claim, though the first of them never wrote its effects."""
    passed = 0
    for api, cut in cuts(claim, how):
        store = ObjectStore(api, "next")
        promises = Promises(api, store.pools.rules_digest())
        held = store.leases.by_attachment(PLACE)
        if held:
            wanted = both(store, "third").replace(letting_go=held, reason="moved")
            four, six = wanted.families
            families = [four.replace(address=held[0].address), six]
            outcome = run(store, wanted.replace(families=families), NOW + 2)
            assert isinstance(outcome, Claimed)
            assert outcome.leases[0].address == held[0].address
            promises.answered = {PLACE: [], attachment("third"): list(outcome.leases)}
            passed += 1
        for step in (cut.deliver, lambda store=store: repair(store.ledger, NOW + 1000)):
            promises.look()
            step()
        promises.look()
        assert loose_ends(api) == []
        check_journal(store, PLACES)
    assert passed > 3


@pytest.mark.parametrize("how", ["before", "after", "late"])
def test_a_claim_that_was_answered_is_answered_again(how: str) -> None:
    """From its commit on, wherever the client died: the same addresses, and no others."""
    for api, _ in cuts(claim, how):
        store = ObjectStore(api, "next")
        held = store.leases.by_attachment(PLACE)
        kept = store.leases.kept()
        assert [len(held), len(kept)] in ([0, 2], [2, 0])
        if held:
            assert run(store, both(store, "new", who=WEB), NOW + 2) == Existing(held)


@pytest.mark.parametrize("how", ["before", "after", "late"])
@pytest.mark.parametrize("name", WORK)
def test_repair_alone_mends_what_a_dead_client_left(name: str, how: str) -> None:
    for api, cut in cuts(WORK[name], how):
        store = ObjectStore(api, "repair")
        repair(store.ledger, NOW + 1000)
        assert loose_ends(api) == []
        cut.deliver()
        repair(store.ledger, NOW + 1000)
        assert loose_ends(api) == []
        check_journal(store, PLACES)


@pytest.mark.parametrize("how", ["before", "after"])
def test_whoever_undoes_a_claim_leaves_nothing_of_it(how: str) -> None:
    """Addresses, locks and the attachment's object go with it, without a repair."""
    undone = 0
    for api, _ in cuts(claim, how):
        store = ObjectStore(api, "next")
        for name, one in store.ledger.all().items():
            if one.state == BINDING:
                assert store.ledger.abort(name)
                undone += 1
                assert loose_ends(api) == []
                assert len(store.leases.kept()) == 2
    assert undone > 3
