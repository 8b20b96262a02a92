"""Forgetting a decision looks at the rows of its claim, however many rows bear the same Pod."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.claim import MOST_RESTED
from store.create import create_store
from store.decision_rows import CLAIM_SPAN, forget_decisions
from store.store import Store

JOURNAL = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
INSERT INTO journal (id, at, event, family, address, pool, node, network, container_id, ifname,
  pod_namespace, pod_name, pod_uid, tenant, rules_digest, decision, decision_id)
SELECT n, 1, 'claimed', 4, x'0a000001', 'p', 'n1', 'net0', 'c', 'eth0', '', '', '', '', '', '', n
FROM numbers
"""
DECISIONS = """
INSERT INTO decision (id, at, pod_namespace, pod_name, ifname, outcome, rules_digest, evidence)
SELECT id, 1, '', '', 'eth0', 'claimed', '', '' FROM journal
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store whose rows are made up: it does not hold together, and need not."""
    with create_store(tmp_path / "ipam.db") as made:
        yield made


def filled(store: Store, count: int) -> Store:
    """A journal of claims without a Pod, each with its decision of the same number."""
    store.database.run(JOURNAL, (count,))
    store.database.run(DECISIONS)
    return store


def has_decision(store: Store, number: int) -> bool:
    return store.database.row("SELECT 1 FROM decision WHERE id = ?", (number,)) is not None


def steps(store: Store, number: int) -> int:
    """Of SQLite's machine, to forget a decision whose row is gone."""
    store.database.run("DELETE FROM journal WHERE id = ?", (number,))
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    store.database.connection.set_progress_handler(step, 1)
    forget_decisions(store.database, [(number, number)], 0)
    store.database.connection.set_progress_handler(None, 0)
    assert not has_decision(store, number)
    return count


def test_the_cost_does_not_grow_with_the_rows_of_the_same_name(store: Store) -> None:
    few = steps(filled(store, 3 * CLAIM_SPAN), CLAIM_SPAN + 1)
    store.database.run("DELETE FROM journal")
    store.database.run("DELETE FROM decision")
    many = steps(filled(store, 30 * CLAIM_SPAN), 10 * CLAIM_SPAN)
    assert many <= 1.1 * few


@pytest.mark.parametrize("distance", [1, 2 + MOST_RESTED, -2 - MOST_RESTED])
def test_a_decision_stays_while_a_row_of_its_claim_names_it(store: Store, distance: int) -> None:
    filled(store, 4 * MOST_RESTED)
    first, other = 2 * MOST_RESTED, 2 * MOST_RESTED + distance
    store.database.run("UPDATE journal SET decision_id = ? WHERE id = ?", (first, other))
    store.database.run("DELETE FROM journal WHERE id = ?", (first,))
    forget_decisions(store.database, [(first, first)], 0)
    assert has_decision(store, first)
    store.database.run("DELETE FROM journal WHERE id = ?", (other,))
    forget_decisions(store.database, [(first, other)], 0)
    assert not has_decision(store, first)
