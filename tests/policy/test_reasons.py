"""What a refused Pod is told."""

from __future__ import annotations

from collections.abc import Sequence

from model.decisions import Decision
from model.facts import Facts, Unknown
from model.rules import PoolRules
from policy.evaluate import decide_family
from policy.reasons import (
    capped,
    clip,
    details_of,
    histogram,
    how_far,
    nearest_misses,
    refusal_of,
    short_form,
)
from policy.select import POD_IPPOOL
from tests.policy.worlds import APP_DB, APP_WEB, NODE1, SHOP, VLAN0, ZONE_A, facts, pool


def decision(world: Facts, pools: Sequence[PoolRules]) -> Decision:
    family = decide_family(world, 4, POD_IPPOOL, pools)
    return Decision("shop/web-1", "eth0", "", "node1", [family])


def test_a_refusal_names_pool_field_wish_and_fact() -> None:
    refusal = refusal_of(decision(facts(), [pool("db-pool", APP_DB)]))
    assert refusal is not None
    assert refusal.code == "no-matching-pool"
    assert refusal.message == (
        "no IPv4 pool for pod shop/web-1, interface eth0, node node1: db-pool: podAffinity wants "
        'pod.label["app"] in {"db"}, but it is "web"'
    )
    assert "`poolweaver explain pod shop/web-1`" in refusal.hint


def test_a_refusal_says_why_there_is_no_network() -> None:
    refusal = refusal_of(decision(facts(), [pool("vlan", VLAN0)]))
    assert refusal is not None
    assert refusal.message.endswith(
        'multusName wants nic.network in {"kube-system/vlan0"}, but there is none (no annotation '
        "`v1.multus-cni.io/default-network`, and the setting `cluster_network` is empty)"
    )


def test_an_undecided_pool_asks_for_the_missing_section() -> None:
    missing = Unknown("node node1", "no such Node was applied", "apply it")
    refusal = refusal_of(decision(facts(node=missing), [pool("zoned", ZONE_A), pool("plain")]))
    assert refusal is not None
    assert refusal.code == "unknown-facts"
    assert refusal.message == (
        "cannot decide yet for pod shop/web-1: IPv4 pool zoned, nodeAffinity wants "
        'node.label["zone"] in {"a"}, but node node1 is not known: no such Node was applied'
    )
    assert refusal.hint == "supply node node1 with `poolweaver apply -f FILE`, then try again"


def test_a_family_that_turns_out_full_at_the_claim_is_exhausted() -> None:
    made = decision(facts(), [pool("a"), pool("b"), pool("no", APP_DB)])
    assert refusal_of(made) is None
    refusal = refusal_of(made, only_family=4)
    assert refusal is not None
    assert (refusal.code, refusal.message) == (
        "pool-exhausted",
        "no free IPv4 address for pod shop/web-1: every matching pool is full (a, b)",
    )


def test_a_message_keeps_to_512_bytes_and_names_the_nearest_pools() -> None:
    pools = [pool(f"pool-{n}-" + "x" * 60, APP_DB, SHOP) for n in range(50)]
    pools.append(pool("near", NODE1, APP_DB))
    refusal = refusal_of(decision(facts(), pools))
    assert refusal is not None
    assert len(refusal.message.encode()) <= 512
    assert len(details_of(decision(facts(), pools)).encode()) <= 4096


def test_the_histogram_counts_every_candidate_once() -> None:
    pools = [
        *[pool(f"app-{n}", APP_DB, NODE1) for n in range(7)],
        *[
            pool(f"zone-{n}", ("nodeAffinity", "node.label", "zone", "in", ("b",)))
            for n in range(3)
        ],
        pool("off", disabled=True),
        pool("ok"),
    ]
    counts = histogram(decision(facts(), pools).families[0])
    assert counts == [
        ('podAffinity pod.label["app"]', 7),
        ('nodeAffinity node.label["zone"]', 3),
        ("disabled", 1),
        ("eligible", 1),
    ]
    assert sum(count for _, count in counts) == len(pools)
    assert capped(counts, 4) == counts
    assert capped(counts, 2) == [counts[0], ("for 3 other reasons", 5)]


def test_how_far_a_pool_is_says_state_and_number_of_checks() -> None:
    pools = [
        pool("one", APP_DB),
        pool("two", APP_DB, ("nodeName", "node.name", "", "in", ("node2",))),
        pool("off", APP_DB, disabled=True),
        pool("going", terminating=True),
    ]
    near = nearest_misses(decision(facts(), pools).families[0], most=4)
    assert [(one.pool, how_far(one)) for one in near] == [
        ("one", "1 check short"),
        ("going", "terminating"),
        ("two", "2 checks short"),
        ("off", "disabled, 1 check short"),
    ]


def test_the_short_form_says_source_rank_and_fields() -> None:
    family = decision(facts(), [pool("plain"), pool("app", APP_WEB, NODE1)]).families[0]
    assert short_form(family, "app") == "pod-ippool: rank 1 matched nodeName,podAffinity"
    assert short_form(family, "plain") == "pod-ippool: rank 2; passed over app exhausted"


def test_clipping_keeps_whole_characters() -> None:
    assert clip("é" * 10, 12) == "é" * 4 + "..."
    assert clip("short", 12) == "short"
