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
