"""What may be written, and what is refused: as much of it as every store promises."""

from __future__ import annotations

import pytest

from model.leases import NoneLeft, Release
from model.pools import Conflict
from model.protocols import Store
from tests.store.build import (
    NOW,
    attachment,
    claim,
    claim_of,
    events,
    got,
    holder,
    number,
    pool,
    release,
    reserved,
    run,
    take_over,
    write,
)


def in_use(name: str, who: str, address: str) -> Conflict:
    family = 6 if ":" in address else 4
    return Conflict(name, "address-in-use", who, family, number(address), number(address))


@pytest.fixture
def stored(store: Store) -> Store:
    write(
        store,
        pool("a", "10.0.0.10-10.0.0.19", "10.0.0.30-10.0.0.39"),
        pool("b", "10.0.0.20-10.0.0.29"),
    )
    return store


def test_held_addresses_may_not_leave_their_pool(stored: Store) -> None:
    claim(stored, "c1", "a", who=holder(uid="u1"))
    claim(stored, "c2", "a", who=holder("web-2"))
    claim(stored, "c3", "a", who=holder("", namespace=""))
    release(stored, "c2")
    run(stored, Release(attachment("c1"), keep=True))
    assert write(stored, pool("a", "10.0.0.13-10.0.0.39"), pool("b")) == [
        in_use("a", "shop/web-1", "10.0.0.10"),
        in_use("a", "c3/eth0", "10.0.0.12"),
    ]
    assert got(stored, "b").ranges != ()


def test_at_most_ten_holders_are_named(store: Store) -> None:
    write(store, pool("a", "10.0.0.0-10.0.0.99"))
    store.leases.execute([claim_of(store, f"c{i}", "a") for i in range(30)], NOW)
    assert len(write(store, pool("a", "10.0.0.99"))) == 10
    assert len(store.writer.delete_pool("a", "")) == 10


def test_resting_addresses_that_leave_a_pool_rest_no_longer(stored: Store) -> None:
    who = holder(uid="u1")
    claim(stored, "c1", "b", who=who)
    release(stored, "c1")
    moved = [pool("a", "10.0.0.20-10.0.0.39"), pool("b", "10.0.0.19")]
    assert write(stored, *moved, now=NOW + 1) == []
    assert events(stored, "10.0.0.20") == ["claimed", "released", "reclaimed"]
    assert take_over(stored, "c2", who).__class__.__name__ == "NothingHeld"
    assert claim(stored, "c3", "a") == "10.0.0.20"


def revision_conflict(name: str) -> Conflict:
    return Conflict(name, "revision")


def test_a_write_on_an_old_revision_is_refused(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), objects=[reserved("r", "10.0.0.1")])
    new, old = pool("a", "10.0.0.2"), got(store, "a").revision
    (kept,) = store.objects.list("SpiderReservedIP")
    rows = [
        ({"SpiderIPPool/a": old, "SpiderReservedIP/r": kept.revision}, []),
        ({"SpiderIPPool/a": old}, [revision_conflict("a")]),
        ({"SpiderIPPool/a": ""}, [revision_conflict("a")]),
        ({"SpiderIPPool/new": ""}, []),
        ({"SpiderIPPool/new": "3"}, [revision_conflict("new")]),
        ({"SpiderReservedIP/r": ""}, [revision_conflict("SpiderReservedIP/r")]),
        ({"Pod/shop/web-1": ""}, []),
        ({}, []),
    ]
    for if_revision, expected in rows:
        assert store.writer.write([new], [], if_revision, NOW) == expected, if_revision


def test_a_pool_made_anew_has_a_revision_it_never_had(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    before = got(store, "a").revision
    assert store.writer.delete_pool("a", before) == []
    write(store, pool("a", "10.0.0.1"))
    assert got(store, "a").revision not in ("", before)


# --- deleting


def test_a_pool_in_use_is_not_deleted(stored: Store) -> None:
    claim(stored, "c1", "b")
    assert stored.writer.delete_pool("b", "") == [in_use("b", "shop/web-1", "10.0.0.20")]
    assert stored.pools.get("b") is not None


def test_a_deleted_pool_leaves_nothing_but_its_journal(stored: Store) -> None:
    claim(stored, "c1", "b")
    release(stored, "c1", NOW + 3)
    digest = stored.pools.rules_digest()
    assert stored.writer.delete_pool("b", "", NOW + 5) == []
    assert stored.pools.get("b") is None
    assert stored.leases.by_pool("b") == []
    assert events(stored, "10.0.0.20") == ["claimed", "released", "reclaimed"]
    assert stored.journal.of_address(4, number("10.0.0.20"))[-1].at_seconds == NOW + 5
    assert stored.pools.rules_digest() != digest
    assert write(stored, pool("c", "10.0.0.20")) == []
    assert claim(stored, "c2", "c") == "10.0.0.20"


def test_deleting_on_an_old_revision_is_refused_and_a_missing_pool_is_a_no_op(
    stored: Store,
) -> None:
    assert stored.writer.delete_pool("b", "7") == [revision_conflict("b")]
    assert stored.writer.delete_pool("nowhere", "7") == []
    assert stored.writer.delete_pool("b", got(stored, "b").revision) == []
    assert stored.pools.get("b") is None


# --- reserved addresses


def test_reserved_addresses_are_not_given_out_and_are_again_afterwards(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.4"), objects=[reserved("r", "10.0.0.1-10.0.0.2")])
    assert claim(store, "c1", "a") == "10.0.0.3"
    assert store.writer.delete_object("SpiderReservedIP", "", "r")
    assert claim(store, "c2", "a") == "10.0.0.1"


def test_a_pool_that_is_written_after_the_reservation_heeds_it_too(store: Store) -> None:
    write(store, objects=[reserved("r", "10.0.0.0-10.0.0.2"), reserved("s", "10.0.0.2-10.0.0.3")])
    write(store, pool("a", "10.0.0.1-10.0.0.4"))
    assert claim(store, "c1", "a") == "10.0.0.4"
    assert claim(store, "c2", "a") == NoneLeft(4)


def test_reserving_a_held_address_does_not_disturb_its_holder(store: Store) -> None:
    who = holder(uid="u1")
    write(store, pool("a", "10.0.0.1-10.0.0.4"))
    claim(store, "c1", "a", who=who)
    write(store, objects=[reserved("r", "10.0.0.0/24")])
    assert claim(store, "c2", "a") == NoneLeft(4)
    (lease,) = take_over(store, "c3", who).leases
    assert store.leases.by_pool("a") == [lease]
    assert store.pools.usage(["a"])["a"].free == 0


def test_overlapping_reservations_go_one_by_one(store: Store) -> None:
    one, other = reserved("r", "10.0.0.1-10.0.0.2"), reserved("s", "10.0.0.2-10.0.0.3")
    write(store, pool("a", "10.0.0.1-10.0.0.4"), objects=[one, other])
    store.writer.delete_object("SpiderReservedIP", "", "r")
    assert [claim(store, f"c{i}", "a") for i in range(3)] == ["10.0.0.1", "10.0.0.4", NoneLeft(4)]


def test_a_reservation_of_one_family_does_not_touch_the_other(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), objects=[reserved("r", "::/0", family=6)])
    assert claim(store, "c1", "a") == "10.0.0.1"


def test_a_dry_run_finds_conflicts_and_writes_nothing(stored: Store) -> None:
    claim(stored, "c1", "b")
    dry = [pool("a"), pool("n", "10.0.1.5")]
    assert stored.writer.write(dry, [reserved("r", "10.0.0.1")], {}, NOW, dry_run=True) == []
    refused = stored.writer.write([pool("b")], [], {}, NOW, dry_run=True)
    assert refused == [in_use("b", "shop/web-1", "10.0.0.20")]
    assert stored.pools.names(4) == ["a", "b"]
    assert stored.objects.list("SpiderReservedIP") == []
    assert stored.leases.next_free("a", NOW) == number("10.0.0.10")


def test_a_refused_write_writes_nothing_of_it(stored: Store) -> None:
    claim(stored, "c1", "b")
    found = write(stored, pool("n", "10.0.1.5"), pool("b"), objects=[reserved("r", "10.0.0.1")])
    assert found == [in_use("b", "shop/web-1", "10.0.0.20")]
    assert stored.pools.names(4) == ["a", "b"]
    assert stored.objects.list("SpiderReservedIP") == []
