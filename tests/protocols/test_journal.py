"""Every change is told, in the order it happened."""

from __future__ import annotations

from model.journal import JournalEntry
from model.leases import Holder
from model.protocols import Store
from tests.store.build import (
    NOW,
    attachment,
    claim,
    holder,
    number,
    pool,
    release,
    take_over,
    write,
)

WEB = holder("web-1", "u1")


def test_the_life_of_an_address_is_told_in_full(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    claim(store, "c1", "a", who=WEB)
    digest = store.pools.rules_digest()
    take_over(store, "c2", WEB, NOW + 1)
    release(store, "c2", NOW + 2)
    claim(store, "c3", "a", who=holder("db-0"), now=NOW + 3)
    address = number("10.0.0.1")

    def entry(at: int, event: str, container: str, who: Holder) -> JournalEntry:
        return JournalEntry(at, event, 4, address, "a", attachment(container), who, digest, "why a")

    story = [
        entry(NOW, "claimed", "c1", WEB),
        entry(NOW + 1, "taken-over", "c2", WEB),
        entry(NOW + 2, "released", "c2", WEB),
        entry(NOW + 3, "reclaimed", "c2", WEB),
        entry(NOW + 3, "claimed", "c3", holder("db-0")),
    ]
    assert store.journal.of_address(4, address) == story
    assert store.journal.of_pod("shop", "web-1") == story[:4]
    assert store.journal.of_pod("shop", "db-0") == story[4:]
    assert store.journal.of_address(4, address + 1) == []


def test_a_revision_is_never_used_twice(store: Store) -> None:
    write(store, pool("a", "10.0.0.1", quarantine=0))
    revisions = []
    for _ in range(3):
        claim(store, "c1", "a")
        revisions.append(store.leases.by_pool("a")[0].revision)
        release(store, "c1")
    assert len(set(revisions)) == 3


def test_what_is_too_old_or_too_much_is_forgotten(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9", quarantine=0))
    assert (store.journal.known_from(), store.journal.row_count()) == (None, 0)
    assert not store.journal.prune(NOW, 1, 100)
    for at in range(3):
        claim(store, f"c{at}", "a", now=NOW + at)
        if at < 2:
            release(store, f"c{at}", NOW + at)
    assert (store.journal.known_from(), store.journal.row_count()) == (NOW, 5)
    assert not store.journal.prune(NOW + 1, 0, 100)
    assert (store.journal.known_from(), store.journal.row_count()) == (NOW + 1, 3)
    address = number("10.0.0.1")
    assert [one.at_seconds for one in store.journal.of_address(4, address)] == [NOW + 1] * 2 + [
        NOW + 2
    ]
    assert not store.journal.prune(0, 2, 100)
    assert (store.journal.known_from(), store.journal.row_count()) == (NOW + 2, 2)


def test_the_change_that_a_lease_comes_from_is_never_forgotten(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"))
    claim(store, "c1", "a", who=WEB)
    take_over(store, "c2", WEB, NOW + 1)
    claim(store, "c3", "a", who=holder("db-0"))
    release(store, "c3", NOW + 2)
    assert not store.journal.prune(NOW + 100, 1, 100)
    told = [
        (one.event, one.at_seconds)
        for address in ("10.0.0.1", "10.0.0.2")
        for one in store.journal.of_address(4, number(address))
    ]
    assert told == [("taken-over", NOW + 1), ("released", NOW + 2)]
    assert store.journal.row_count() == 2


def test_a_step_of_forgetting_looks_at_so_many_changes_at_most(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9", quarantine=0))
    for at in range(5):
        claim(store, f"c{at}", "a")
        release(store, f"c{at}")
    counts = []
    while store.journal.prune(NOW + 1, 0, 4):
        counts.append(store.journal.row_count())
    assert counts == sorted(counts, reverse=True)
    assert counts[0] >= 6
    assert store.journal.row_count() == 0
