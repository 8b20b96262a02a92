"""What SQLite alone gives or does, beside the Protocols: whole batches, settings, plans, tables."""

from __future__ import annotations

import pytest

from model.errors import StoreError
from model.leases import Claim, FamilyClaim, PoolChoice, Release
from store.claim import MOST_RESTED
from store.create import create_store
from store.lease_rows import KEPT
from store.repair import check
from store.store import Store, open_store
from tests.protocols.test_claims import give_out
from tests.protocols.test_keeping import WEB
from tests.store.build import NOW, attachment, claim, claim_of, holder, pool, release, write


def test_an_error_inside_a_batch_leaves_nothing_of_it(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"))
    twice = FamilyClaim(4, [PoolChoice("a", 8)])
    digest = store.pools.rules_digest()
    broken = Claim(attachment("c2"), holder(), [twice, twice], digest)
    with pytest.raises(StoreError) as caught:
        store.leases.execute([claim_of(store, "c1", "a"), broken], NOW)
    assert caught.value.code == "store-failed"
    assert store.leases.by_pool("a") == []
    assert check(store) == []


def test_no_change_of_sightings_needs_no_lock(store: Store, path: str) -> None:
    with open_store(path, 0.05) as other, store.database.transaction():
        other.sightings.update([], [])


def test_what_is_kept_is_found_without_walking_all_leases(store: Store) -> None:
    steps = [row[3] for row in store.database.rows(f"EXPLAIN QUERY PLAN {KEPT}")]
    assert len(steps) == 1
    assert "lease_kept" in steps[0]


@pytest.mark.parametrize(
    ("event", "state"), [("claimed", "kept"), ("released", "kept"), ("kept", "bound")]
)
def test_a_state_that_the_journal_does_not_tell_of_is_damage(
    path: str, event: str, state: str
) -> None:
    with create_store(path) as damaged:
        write(damaged, pool("a", "10.0.0.1"))
        claim(damaged, "c1", "a", who=WEB)
        damaged.database.run("UPDATE journal SET event = ?", (event,))
        damaged.database.run("UPDATE lease SET state = ?", (state,))
        assert [one.message for one in check(damaged)] == [
            "the journal does not tell of the lease of `10.0.0.1`"
        ]


def test_a_pool_without_a_word_of_its_own_rests_as_the_setting_says(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.3"))
    store.settings.set("quarantine_seconds", "7")
    claim(store, "c1", "a")
    release(store, "c1")
    (lease,) = store.leases.by_pool("a")
    assert lease.rests_until_seconds == NOW + 7


def test_many_that_rested_enough_come_back_a_bounded_number_at_a_time(store: Store) -> None:
    count = MOST_RESTED + 50
    write(store, pool("a", "10.0.0.0/16", quarantine=30))
    store.leases.execute([claim_of(store, f"c{i}", "a") for i in range(count)], NOW)
    store.leases.execute([Release(attachment(f"c{i}")) for i in range(count)], NOW)
    assert claim(store, "d1", "a", now=NOW + 60) == "10.0.0.0"
    assert store.pools.usage(["a"])["a"].resting == 50
    assert claim(store, "d2", "a", now=NOW + 60) == "10.0.0.1"
    assert store.pools.usage(["a"])["a"].resting == 0


def test_a_rule_text_goes_with_the_last_pool_that_has_it(store: Store) -> None:
    def texts() -> list[str]:
        return [row[0] for row in store.database.rows("SELECT text FROM rule_text ORDER BY text")]

    write(store, pool("a", "10.0.0.1", text="one"), pool("b", "10.0.0.2", text="one"))
    assert texts() == ["one"]
    write(store, pool("a", "10.0.0.1", text="two"))
    assert texts() == ["one", "two"]
    store.writer.delete_pool("b", "")
    assert texts() == ["two"]


def test_a_range_beyond_one_node_of_the_bitmap_is_given_out_whole(store: Store) -> None:
    give_out(store, "10.1.0.0-10.1.4.10", "10.0.0.0/8", 1035)
