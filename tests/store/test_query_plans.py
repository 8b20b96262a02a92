"""The statements of a CNI call and of the checks under the write lock never walk a table."""

from __future__ import annotations

import pytest

from store import (
    facts,
    journal,
    journal_pruning,
    lease_rows,
    leases,
    open_ranges,
    pool_anchors,
    pool_batch,
    pool_conflicts,
    pool_rows,
    pools,
    reserved,
)
from store.store import Store
from tests.store.build import NOW, attachment, claim, claim_of, holder, pool, release, run, write

# name -> (statement, the index that answers it)
HOT = {
    "leases of an attachment": (lease_rows.BY_ATTACHMENT, "lease_by_attachment"),
    "leases of a tenant": (lease_rows.BY_TENANT, "lease_by_tenant"),
    "leases of a pod": (lease_rows.BY_POD, "lease_by_pod"),
    "leases of a pool": (lease_rows.BY_POOL, "lease_by_pool"),
    "the first open range of a pool": (open_ranges.FIRST_OPEN, "claimable_open"),
    "the range around an address": (open_ranges.STARTING_BEFORE, "PRIMARY KEY"),
    "lease of an address": (lease_rows.BY_ADDRESS, "sqlite_autoindex_lease_1"),
    "leases that rested": (lease_rows.RESTED, "lease_by_pool"),
    "the longest resting": (lease_rows.LONGEST_RESTING, "lease_by_pool"),
    "resting in a pool": (lease_rows.RESTING_IN_POOL, "lease_by_pool"),
    "held in a pool": (lease_rows.HELD_IN_POOL, "lease_by_pool"),
    "held in a range": (lease_rows.HELD_WITHIN, "sqlite_autoindex_lease_1"),
    "resting in a range": (lease_rows.RESTING_WITHIN, "sqlite_autoindex_lease_1"),
    "facts of an object": (facts.FACTS, "sqlite_autoindex_object_1"),
    "journal of an address": (journal.BY_ADDRESS, "journal_by_address"),
    "journal of a pod": (journal.BY_POD, "journal_by_pod"),
    "the newest change": (leases.NEWEST_CHANGE, "SEARCH journal"),
    "changes to prune": (journal_pruning.NEXT_ROWS, "INTEGER PRIMARY KEY"),
    "the lease of a change": (journal_pruning.LEASE_OF, "sqlite_autoindex_lease_1"),
    "changes up to one": (f"SELECT 1 {journal_pruning.UP_TO}", "journal_by_address"),
    "a pool that serves": (pool_rows.SERVING, "sqlite_autoindex_pool_1"),
    "default pools": (pool_rows.SERVING_DEFAULT, "pool_by_default"),
    "any default pool": (pool_rows.ANY_DEFAULT, "pool_by_default"),
    "pools under an anchor": (pool_rows.POSTINGS, "PRIMARY KEY"),
    "pools under an anchor, with room": (pool_rows.POSTINGS_WITH_ROOM, "PRIMARY KEY"),
    "pools under a subject": (pool_rows.POSTINGS_OF_SUBJECT, "anchor_by_subject"),
    "how many are under an anchor": (pool_anchors.COUNT, "PRIMARY KEY"),
    "an anchor row": (pool_anchors.REMOVE, "anchor_by_subject"),
    "counts of a pool": (pools.USAGE, "sqlite_autoindex_pool_1"),
    "counts of many pools": (pools.USAGE_OF_MANY, "sqlite_autoindex_pool_1"),
    "the stored version of a pool": (pool_batch.STORED, "sqlite_autoindex_pool_1"),
    "owner of an address": (pool_conflicts.LAST_STARTING, "PRIMARY KEY"),
    "subnet before": (pool_conflicts.SUBNET_BEFORE, "pool_by_subnet"),
    "subnet inside": (pool_conflicts.SUBNET_INSIDE, "pool_by_subnet"),
    "subnet around, same start": (
        pool_conflicts.SUBNET_OF_OTHER_SIZE.format("<"),
        "pool_by_subnet",
    ),
    "reserved within": (reserved.OVERLAPPING, "PRIMARY KEY"),
    "pools within": (reserved.POOLS_WITHIN, "PRIMARY KEY"),
}
# Sorting is fine where what is sorted is the answer itself, and small or asked for by people.
SORTS = {
    "leases of a tenant",
    "leases of a pod",
    "leases of a pool",
    "held in a pool",
    "pools within",
}


def plan(store: Store, statement: str) -> list[str]:
    count = 3 if "?3" in statement else statement.count("?")
    rows = store.database.rows(f"EXPLAIN QUERY PLAN {statement}", (1,) * count)
    return [row[3] for row in rows]


@pytest.mark.parametrize("name", HOT)
def test_a_hot_statement_uses_its_index(store: Store, name: str) -> None:
    statement, index = HOT[name]
    steps = plan(store, statement)
    assert any(step.startswith("SEARCH") and index in step for step in steps), steps
    assert not any("SCAN" in step and "SCAN CONSTANT" not in step for step in steps), steps
    assert name in SORTS or not any("TEMP B-TREE" in step for step in steps), steps


def test_no_statement_of_a_call_walks_a_table(store: Store) -> None:
    """All that the calls of a Pod's life execute, as SQLite itself saw it."""
    write(store, pool("a", "10.0.0.1-10.0.0.3"))
    statements: set[str] = set()
    store.database.connection.set_trace_callback(statements.add)
    who = holder(uid="u1")
    claim(store, "c1", "a", who=who)
    store.leases.by_attachment(attachment("c1"))
    run(store, claim_of(store, "c2", "a", address="10.0.0.2"))
    release(store, "c1")
    claim(store, "c3", "a", now=NOW + 90)
    store.leases.next_free("a", NOW)
    store.pools.usage(["a"])
    store.pools.has_default(4)
    for with_room in (False, True):
        web = [("pod.label", "app", "web")]
        store.pools.serving_anchored(4, web, ["node.label"], with_room=with_room)
    store.facts.pod("shop", "web-1", "")
    store.settings.require_node("node1")
    store.database.connection.set_trace_callback(None)
    walks = {}
    for statement in statements:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE", "INSERT"):
            steps = [row[3] for row in store.database.rows(f"EXPLAIN QUERY PLAN {statement}")]
            if any("SCAN" in step for step in steps):
                walks[statement] = steps
    assert len(statements) > 15
    assert walks == {}
