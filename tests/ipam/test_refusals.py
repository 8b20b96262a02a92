"""A refusal by many pools tells a few of them and counts the rest, rightly."""

from __future__ import annotations

import pytest

from ipam.allocate import allocate
from ipam.deciding import decide
from ipam.gathering import free_counts, gather, view_candidates
from model.errors import DecisionError
from policy.evaluate import CLUSTER_DEFAULT
from policy.reasons import histogram, nearest_misses
from store.store import Store
from tests.ipam.anchored import NOW, fill, write_facts, write_rules
from tests.ipam.test_default_pools import told_of
from tests.policy.worlds import APP_DB, APP_WEB, TEAM_RED, VLAN0, ZONE_A, facts, pool


@pytest.mark.parametrize("full", [0, 60])
def test_a_refusal_by_many_pools_says_what_looking_at_each_of_them_says(
    store: Store, full: int
) -> None:
    """Some hundred pools out for many reasons, of which a few are told, and some that are full."""
    checks = (APP_DB, ZONE_A, TEAM_RED, VLAN0)
    listed = [
        pool(
            f"p-{number}",
            *[check for bit, check in enumerate(checks) if number >> bit & 1],
            APP_DB,
            disabled=number % 5 == 0,
            terminating=number % 7 == 0,
            priority=number % 3,
        ).replace(default=True)
        for number in range(150)
    ]
    matching = [pool(f"q-{200 + number}", APP_WEB).replace(default=True) for number in range(full)]
    write_rules(store, [*listed, *matching])
    for one in matching:
        fill(store, one)
    request = write_facts(store, facts())
    with pytest.raises(DecisionError) as caught:
        allocate(store, request, NOW)
    assert caught.value.decision_id
    kept = store.decisions.get(caught.value.decision_id)
    assert kept
    (family,) = kept.evidence["families"]
    gathered = gather(store, request)
    pools = view_candidates(store, gathered, request).pools
    free = free_counts(store, pools) if full else None
    with pytest.raises(DecisionError) as everything:
        decide(gathered, CLUSTER_DEFAULT, pools, free)
    assert told_of(caught.value) == told_of(everything.value)
    assert everything.value.decision
    (complete,) = everything.value.decision.families
    assert family["considered"] == len(complete.candidates) == 150 + full
    assert [tuple(row) for row in family["histogram"]] == histogram(complete)
    assert [one["pool"] for one in family["pools"]] == [
        one.pool
        for one in [*complete.candidates[: min(full, 32)], *nearest_misses(complete, 32)][:32]
    ]
