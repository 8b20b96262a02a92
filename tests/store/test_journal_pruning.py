"""Pruning on SQLite: what claims do by themselves, how much a step does, and what stays true."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.leases import LetGo, Release, TakeOver
from store.create import create_store
from store.journal_pruning import DAY_SECONDS, prune_by_settings
from store.leases import PRUNE_EVERY
from store.repair import check, rebuild
from store.store import Store
from tests.store.build import (
    NOW,
    attachment,
    claim,
    claim_of,
    holder,
    number,
    pool,
    release,
    run_all,
    write,
)

if TYPE_CHECKING:
    from model.journal import JournalEntry
    from model.leases import Operation

FIRST = number("10.0.0.1")


def ids(store: Store) -> list[int]:
    return [row[0] for row in store.database.rows("SELECT id FROM journal ORDER BY id")]


def come_and_go(store: Store, times: int, now: int = NOW) -> None:
    operations: list[Operation] = []
    for i in range(times):
        operations += [claim_of(store, f"c{i}", "a"), Release(attachment(f"c{i}"))]
    for one in range(0, len(operations), 50):
        run_all(store, operations[one : one + 50], now)


@pytest.fixture
def small(store: Store) -> Store:
    """A pool without rest, so that a claim and a release are two rows."""
    write(store, pool("a", "10.0.0.1-10.0.3.254", quarantine=0))
    return store


def test_calls_keep_the_journal_within_its_rows_by_themselves(small: Store) -> None:
    small.settings.set("journal_rows", 1000)
    claim(small, "stays", "a")
    come_and_go(small, 2000)
    assert 1000 <= small.journal.row_count() <= 1000 + PRUNE_EVERY
    assert len(ids(small)) == small.journal.row_count()
    assert ids(small)[0] == 1  # that of the lease that stays
    assert small.journal.known_from() == NOW + 1


def test_calls_keep_the_journal_within_its_days_by_themselves(small: Store) -> None:
    come_and_go(small, 600)
    later = NOW + 90 * DAY_SECONDS
    come_and_go(small, 600, later)
    assert small.journal.row_count() == 2400  # none is older than 90 days
    come_and_go(small, 1200, later + 1)
    assert small.journal.row_count() == 1200 + 2400
    assert small.journal.known_from() == NOW + 1


def test_without_bounds_nothing_is_forgotten(small: Store) -> None:
    small.settings.set("journal_rows", 0)
    small.settings.set("journal_days", 0)
    come_and_go(small, 300)
    come_and_go(small, 300, NOW + 1000 * DAY_SECONDS)
    assert len(ids(small)) == small.journal.row_count() == 1200
    with small.database.transaction():
        assert not prune_by_settings(small.database, NOW + 2000 * DAY_SECONDS, 10)
    assert len(ids(small)) == 1200


def test_a_step_does_no_more_than_it_is_asked_to(small: Store) -> None:
    """Rows of live leases at the beginning are passed over, some at each step, not all."""
    small.settings.set("journal_rows", 0)
    run_all(small, [claim_of(small, f"stays-{i}", "a") for i in range(900)])
    come_and_go(small, 20)
    statements: Counter[str] = Counter()
    small.database.connection.set_trace_callback(lambda sql: statements.update([sql.split()[0]]))
    steps = 1
    while small.journal.prune(NOW + 1, 0, 100):
        assert statements.total() <= 4 * 100 + 10
        statements.clear()
        steps += 1
    small.database.connection.set_trace_callback(None)
    assert steps == 10
    assert len(ids(small)) == small.journal.row_count() == 900


def test_a_step_that_finds_nothing_to_forget_writes_nothing(small: Store, path: str) -> None:
    come_and_go(small, 100)
    small.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not small.journal.prune(NOW, 1000, 100)
    assert Path(f"{path}-wal").stat().st_size == 0


def test_a_revision_is_never_used_twice_even_when_all_is_forgotten(small: Store) -> None:
    come_and_go(small, 3)
    assert not small.journal.prune(NOW + 1, 0, 100)
    assert ids(small) == []
    assert small.journal.known_from() == NOW + 1
    claim(small, "c9", "a")
    assert ids(small) == [7]
    assert small.journal.row_count() == 1


def test_a_row_whose_lease_is_over_is_forgotten_with_the_next_of_its_address(small: Store) -> None:
    """The sweep has passed it by then: what is left of an address stays the end of its story."""
    claim(small, "old", "a")
    come_and_go(small, 4)
    assert small.journal.prune(NOW + 1, 0, 3)
    release(small, "old", NOW + 1)
    assert [one.event for one in small.journal.of_address(4, FIRST)] == ["claimed", "released"]
    while small.journal.prune(NOW + 2, 0, 3):
        pass
    assert ids(small) == []


def test_a_wrong_count_is_found_and_mended(small: Store) -> None:
    come_and_go(small, 5)
    small.database.run("UPDATE journal_pruning SET rows_pruned = 3, known_from = 7")
    assert [one.what for one in check(small)] == ["journal-count"]
    assert [one.what for one in rebuild(small)] == ["journal-count"]
    assert (small.journal.row_count(), small.journal.known_from()) == (10, 7)


# --- whatever happens

STEP = st.one_of(
    st.tuples(st.just("claim"), st.integers(0, 2)),
    st.tuples(st.just("take over"), st.integers(0, 2)),
    st.tuples(st.just("keep"), st.integers(0, 2)),
    st.tuples(st.just("release"), st.integers(0, 2)),
    st.tuples(st.just("let go"), st.integers(0, 2)),
    st.tuples(st.just("prune by age"), st.integers(0, 6)),
    st.tuples(st.just("prune by number"), st.integers(1, 6)),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=30), st.integers(1, 4))
def test_what_is_left_of_an_address_is_the_end_of_its_story(
    steps: list[tuple[str, int]], work: int
) -> None:
    with TemporaryDirectory() as folder, create_store(Path(folder) / "ipam.db") as store:
        write(store, pool("a", "10.0.0.1-10.0.0.2", quarantine=3))
        whole: dict[int, list[JournalEntry]] = {FIRST: [], FIRST + 1: []}
        for seconds, (what, value) in enumerate(steps):
            now = NOW + seconds
            if what.startswith("prune"):
                before = now - value if what == "prune by age" else 0
                store.journal.prune(before, 0 if what == "prune by age" else value, work)
                continue
            left = {one: store.journal.of_address(4, one) for one in whole}
            act(store, what, value, now, seconds)
            for one, entries in left.items():
                whole[one] += store.journal.of_address(4, one)[len(entries) :]
        known_from = store.journal.known_from() or 0
        for one, story in whole.items():
            rest = store.journal.of_address(4, one)
            forgotten = len(story) - len(rest)
            assert story[forgotten:] == rest
            assert all(entry.at_seconds < known_from for entry in story[:forgotten])
        assert check(store) == []


def act(store: Store, what: str, value: int, now: int, seconds: int) -> None:
    who, leases = holder(f"web-{value}", "u"), store.leases.by_pool("a")
    operations: dict[str, Operation] = {
        "claim": claim_of(store, f"c{value}", "a", who=who),
        "take over": TakeOver(attachment(f"t{seconds}"), who),
        "keep": LetGo(leases[:value], "", keep=True),
        "release": Release(attachment(f"c{value}")),
        "let go": LetGo(leases[:value], "gone"),
    }
    store.leases.execute([operations[what]], now)
