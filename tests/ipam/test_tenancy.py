"""The Pod of a StatefulSet keeps its address across restarts, on conditions; others do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ipam.allocate import allocate
from model.decisions import Decision
from model.errors import CandidateError, DecisionError, NoMatchingPoolError, UnknownFactsError
from model.leases import Claim, FamilyClaim, LetGo, PoolChoice, stateful_set_of
from store.store import Store
from tests.ipam.calls import NOW, pool
from tests.ipam.stateful import (
    add,
    document,
    explained,
    held,
    history,
    node,
    pod,
    remove,
    request,
    restart,
    stateful_set,
    texts,
    write,
)

A = pool("a", "10.0.0.1-10.0.0.9", gateway="10.0.255.254")
B = pool("b", "10.0.1.1-10.0.1.9")
LATE = NOW + 3600  # long after everything that rests may go to others


@pytest.fixture
def db(store: Store) -> Store:
    """Pod db-1 of StatefulSet shop/db has 10.0.0.1 of pool a, on node1."""
    write(store, A, B, stateful_set(), pod("db-1", "u1"))
    assert add(store, "db-1", "c1", "u1") == ("claimed", "10.0.0.1")
    return store


def taken(store: Store) -> None:
    """Another container takes the lowest free address of a."""
    write(store, pod("other", owner=None), now=LATE)
    add(store, "other", "other", now=LATE)


# --- restarts


def test_a_restarted_pod_has_its_address_back_however_late(db: Store) -> None:
    assert remove(db, "c1") == ["10.0.0.1"]
    assert held(db) == {"10.0.0.1": "kept"}
    taken(db)
    assert restart(db, "db-1", "u2", LATE) == ("taken-over", "10.0.0.1")
    (lease,) = db.leases.by_pod("shop", "db-1")
    assert (lease.state, lease.holder.pod_uid, lease.attachment.container_id) == (
        "bound",
        "u2",
        "c-u2",
    )
    assert lease.answer.gateway == "10.0.255.254"
    assert [event for event, _ in history(db, "10.0.0.1")] == ["claimed", "kept", "taken-over"]


def test_a_lost_del_does_not_cost_the_address_and_a_late_one_frees_nothing(db: Store) -> None:
    assert restart(db, "db-1", "u2") == ("taken-over", "10.0.0.1")
    assert remove(db, "c1") == []
    assert held(db) == {"10.0.0.1": "bound"}
    assert add(db, "db-1", "c-u2", "u2") == ("repeated", "10.0.0.1")


def test_a_runtime_that_sends_no_uid_is_served_alike(db: Store) -> None:
    remove(db, "c1")
    assert add(db, "db-1", "c2", now=LATE) == ("taken-over", "10.0.0.1")


def test_two_pods_of_one_set_never_mix_their_addresses(db: Store) -> None:
    write(db, pod("db-2", "v1"))
    assert add(db, "db-2", "d1", "v1") == ("claimed", "10.0.0.2")
    remove(db, "c1")
    remove(db, "d1")
    assert restart(db, "db-2", "v2", LATE) == ("taken-over", "10.0.0.2")
    assert restart(db, "db-1", "u2", LATE) == ("taken-over", "10.0.0.1")


def test_each_interface_of_a_pod_has_its_own_tenant(db: Store) -> None:
    assert add(db, "db-1", "c1", "u1", nic="net1") == ("claimed", "10.0.0.2")
    remove(db, "c1", nic="net1")
    remove(db, "c1")
    assert restart(db, "db-1", "u2", LATE, nic="net1") == ("taken-over", "10.0.0.2")
    assert restart(db, "db-1", "u2", LATE) == ("taken-over", "10.0.0.1")


def test_a_dual_stack_pod_keeps_both_families(store: Store) -> None:
    write(store, A, pool("six", "fd00::1-fd00::9", "fd00::/64"), stateful_set())
    both = {"pools": ["a"], "v6": ["six"]}
    assert restart(store, "db-0", "u1", pod=both) == ("claimed", "10.0.0.1", "fd00::1")
    assert remove(store, "c-u1") == ["10.0.0.1", "fd00::1"]
    assert held(store, "a", "six") == {"10.0.0.1": "kept", "fd00::1": "kept"}
    assert restart(store, "db-0", "u2", LATE, pod=both) == ("taken-over", "10.0.0.1", "fd00::1")


def test_a_dual_stack_pod_that_gives_one_family_up_is_decided_anew_for_both(store: Store) -> None:
    six, seven = (pool(name, f"fd0{n}::1", f"fd0{n}::/64") for n, name in ((6, "six"), (7, "sev")))
    write(store, A, six, seven, stateful_set())
    restart(store, "db-0", "u1", pod={"v6": ["six"]})
    remove(store, "c-u1")
    assert restart(store, "db-0", "u2", pod={"v6": ["sev"]}) == ("claimed", "10.0.0.2", "fd07::1")
    assert held(store, "a", "six") == {
        "10.0.0.1": "resting",
        "10.0.0.2": "bound",
        "fd06::1": "resting",
    }


# --- the ordinal is wanted

ORDINALS = [
    ("within the replicas", 3, None, "db-2", ""),
    ("one replica where none is written", None, None, "db-0", ""),
    ("beyond the replicas", 2, None, "db-2", "StatefulSet shop/db wants only db-0 to db-1"),
    ("beyond the one", None, None, "db-1", "StatefulSet shop/db wants only db-0 to db-0"),
    ("none is wanted", 0, None, "db-0", "StatefulSet shop/db wants no Pods"),
    ("from a later start on", 2, 5, "db-6", ""),
    ("before the start", 2, 5, "db-4", "StatefulSet shop/db wants only db-5 to db-6"),
    ("after start and replicas", 2, 5, "db-7", "StatefulSet shop/db wants only db-5 to db-6"),
    ("not the name of an ordinal", 3, None, "db-x", "StatefulSet shop/db wants only db-0 to db-2"),
    ("a zero too many", 3, None, "db-01", "StatefulSet shop/db wants only db-0 to db-2"),
    ("no ordinal", 3, None, "db", "StatefulSet shop/db wants only db-0 to db-2"),
    ("another name", 3, None, "web-1", "StatefulSet shop/db wants only db-0 to db-2"),
]


@pytest.mark.parametrize(
    ("replicas", "start", "name", "reason"),
    [row[1:] for row in ORDINALS],
    ids=[row[0] for row in ORDINALS],
)
def test_a_wanted_ordinal_is_kept_and_any_other_rests(
    store: Store, replicas: int | None, start: int | None, name: str, reason: str
) -> None:
    write(store, A, stateful_set(replicas, start), pod(name))
    add(store, name, "c1", "u1")
    remove(store, "c1")
    assert held(store) == {"10.0.0.1": "resting" if reason else "kept"}
    decision = explained(store, name, "u2")
    expected = (
        f"does not take back 10.0.0.1: {reason}"
        if reason
        else "keeps 10.0.0.1: kept for StatefulSet shop/db"
    )
    assert list(decision.notes) == [expected]


def test_a_pod_beyond_the_replicas_gets_another_address(db: Store) -> None:
    write(db, stateful_set(1))
    assert restart(db, "db-1", "u2") == ("claimed", "10.0.0.2")
    assert held(db) == {"10.0.0.1": "resting", "10.0.0.2": "bound"}
    assert history(db, "10.0.0.1")[-1] == (
        "released",
        "StatefulSet shop/db wants only db-0 to db-0",
    )


def test_the_same_pod_in_a_new_sandbox_keeps_its_address_though_its_set_is_unknown(
    store: Store,
) -> None:
    write(store, A, pod("db-1", "u1"))
    add(store, "db-1", "c1", "u1")
    remove(store, "c1")
    assert held(store) == {"10.0.0.1": "resting"}
    assert add(store, "db-1", "c2", "u1") == ("taken-over", "10.0.0.1")
    assert restart(store, "db-1", "u2") == ("claimed", "10.0.0.2")
    assert history(store, "10.0.0.1")[-1] == ("released", "there is no StatefulSet shop/db")


def test_a_pod_without_uid_is_not_the_same_pod_because_the_last_had_none_either(
    store: Store,
) -> None:
    write(store, A, pod("db-1"))
    add(store, "db-1", "c1")
    remove(store, "c1")
    assert add(store, "db-1", "c2") == ("claimed", "10.0.0.2")


def test_what_rests_is_taken_back_once_its_ordinal_is_wanted_again(db: Store) -> None:
    write(db, stateful_set(1))
    remove(db, "c1")
    assert held(db) == {"10.0.0.1": "resting"}
    write(db, stateful_set(3))
    assert restart(db, "db-1", "u2", NOW + 59) == ("taken-over", "10.0.0.1")


def test_what_rested_and_went_to_another_is_not_taken_back(db: Store) -> None:
    write(db, stateful_set(1))
    remove(db, "c1")
    write(db, stateful_set(3))
    taken(db)
    assert restart(db, "db-1", "u2", LATE) == ("claimed", "10.0.0.2")


# --- the pool is still a candidate


def test_a_pool_that_is_no_longer_listed_is_given_up(db: Store) -> None:
    remove(db, "c1")
    write(db, pod("db-1", "u2", ["b"]))
    assert list(explained(db, "db-1", "u2").notes) == [
        "gives up 10.0.0.1: pool `a` is no longer a candidate"
    ]
    assert held(db) == {"10.0.0.1": "kept"}
    assert add(db, "db-1", "c2", "u2") == ("claimed", "10.0.1.1")
    assert held(db, "a", "b") == {"10.0.0.1": "resting", "10.0.1.1": "bound"}
    assert history(db, "10.0.0.1")[-1] == ("released", "pool `a` is no longer a candidate")
    assert list(explained(db, "db-1", "u2").notes) == [
        "keeps 10.0.1.1: bound for StatefulSet shop/db"
    ]


def test_a_lost_del_and_a_changed_list_let_go_of_a_bound_lease(db: Store) -> None:
    assert restart(db, "db-1", "u2", pod={"pools": ["b"]}) == ("claimed", "10.0.1.1")
    assert held(db) == {"10.0.0.1": "resting"}
    assert remove(db, "c1") == []


def test_a_pool_that_is_listed_after_others_is_kept_all_the_same(db: Store) -> None:
    remove(db, "c1")
    assert restart(db, "db-1", "u2", LATE, pod={"pools": ["b", "a"]}) == ("taken-over", "10.0.0.1")


@pytest.mark.parametrize(("default", "how"), [(True, "taken-over"), (False, "claimed")])
def test_of_default_pools_the_one_that_is_still_default_is_kept(
    store: Store, default: bool, how: str
) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9", default=True), stateful_set())
    write(store, document("Namespace", "shop", None))
    restart(store, "db-0", "u1", pod={"pools": []})
    remove(store, "c-u1")
    write(store, pool("a", "10.0.0.1-10.0.0.9", default=default))
    write(store, pool("b", "10.0.1.1-10.0.1.9", default=True))
    expected = "10.0.0.1" if default else "10.0.1.1"
    assert restart(store, "db-0", "u2", pod={"pools": []}) == (how, expected)


def test_a_family_that_is_switched_off_is_given_up(store: Store) -> None:
    write(store, A, pool("six", "fd00::1-fd00::9", "fd00::/64"), stateful_set())
    restart(store, "db-0", "u1", pod={"v6": ["six"]})
    remove(store, "c-u1")
    store.settings.set("enable_ipv6", "off")
    assert restart(store, "db-0", "u2", pod={"v6": ["six"]}) == ("claimed", "10.0.0.2")
    assert history(store, "fd00::1")[-1] == ("released", "pool `six` is no longer a candidate")


def test_a_default_pool_of_a_family_that_is_switched_off_is_given_up(store: Store) -> None:
    write(store, document("Namespace", "shop", None), stateful_set())
    write(store, pool("a", "10.0.0.1-10.0.0.9", default=True))
    write(store, pool("six", "fd00::1-fd00::9", "fd00::/64", default=True))
    restart(store, "db-0", "u1", pod={"pools": []})
    remove(store, "c-u1")
    store.settings.set("enable_ipv6", "off")
    assert restart(store, "db-0", "u2", pod={"pools": []}) == ("claimed", "10.0.0.2")


def test_what_is_given_up_is_given_up_whole_though_a_part_rests_already(store: Store) -> None:
    write(store, A, B, pool("six", "fd00::1-fd00::9", "fd00::/64"), stateful_set())
    restart(store, "db-0", "u1", pod={"v6": ["six"]})
    remove(store, "c-u1")
    store.leases.execute([LetGo([store.leases.kept()[0]], "by hand")], NOW)
    assert held(store, "a", "six") == {"10.0.0.1": "resting", "fd00::1": "kept"}
    assert restart(store, "db-0", "u2", pod={"pools": ["b"]}) == ("claimed", "10.0.1.1")
    assert held(store, "a", "six") == {"10.0.0.1": "resting", "fd00::1": "resting"}


def test_a_malformed_list_of_pools_gives_an_error_and_nothing_is_given_up(db: Store) -> None:
    remove(db, "c1")
    write(db, pod("db-1", "u2", ["a", "a"]))
    with pytest.raises(CandidateError) as raised:
        add(db, "db-1", "c2", "u2")
    assert (raised.value.code, raised.value.message) == (
        "duplicate-pool",
        "Pod annotation `ipam.spidernet.io/ippool` names pool `a` twice",
    )
    assert held(db) == {"10.0.0.1": "kept"}
    error = explained(db, "db-1", "u2").error
    assert error is not None
    assert error.code == "duplicate-pool"


# --- where the Pod is now

ZONED = {"matchLabels": {"zone": "a"}}
NETWORKS = {"v1.multus-cni.io/default-network": "kube-system/other"}
MOVES = [
    ("a node that is named", {"nodeName": ["node1", "node2"]}, {}, ""),
    (
        "a node that is not named",
        {"nodeName": ["node1"]},
        {},
        'nodeName wants node.name in {"node1"}, but it is "node2"',
    ),
    ("a node of the zone", {"nodeAffinity": ZONED}, {"zone": "a"}, ""),
    (
        "a node of another zone",
        {"nodeAffinity": ZONED},
        {"zone": "b"},
        'nodeAffinity wants node.label["zone"] in {"a"}, but it is "b"',
    ),
]


@pytest.mark.parametrize(
    ("spec", "labels", "reason"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES]
)
def test_a_pod_that_moves_keeps_its_address_where_the_pool_serves_its_node(
    store: Store, spec: dict[str, Any], labels: dict[str, str], reason: str
) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9", **spec), B, stateful_set())
    write(store, node("node1", zone="a"), node("node2", **labels))
    restart(store, "db-0", "u1", pod={"pools": ["a", "b"]})
    remove(store, "c-u1")
    write(store, pod("db-0", "u2", ["a", "b"]))
    why = f"pool `a` does not fit any more: {reason}"
    note = f"gives up 10.0.0.1: {why}" if reason else "keeps 10.0.0.1: kept for StatefulSet shop/db"
    assert list(explained(store, "db-0", "u2", on="node2").notes) == [note]
    done = add(store, "db-0", "c2", "u2", LATE, on="node2")
    assert done == (("claimed", "10.0.1.1") if reason else ("taken-over", "10.0.0.1"))
    if reason:
        assert history(store, "10.0.0.1")[-1] == ("released", why)


def test_a_pod_on_another_network_gives_its_address_up(store: Store) -> None:
    store.settings.set("cluster_network", "kube-system/macvlan")
    write(store, pool("a", "10.0.0.1", multusName=["kube-system/macvlan"]), B, stateful_set())
    restart(store, "db-0", "u1", pod={"pools": ["a", "b"]})
    remove(store, "c-u1")
    store.settings.set("cluster_network", "kube-system/other")
    assert restart(store, "db-0", "u2", pod={"pools": ["a", "b"]}) == ("claimed", "10.0.1.1")
    assert history(store, "10.0.0.1")[-1] == (
        "released",
        "pool `a` does not fit any more: multusName wants nic.network in "
        '{"kube-system/macvlan"}, but it is "kube-system/other"',
    )


def test_an_unknown_node_is_try_again_and_nothing_is_given_up(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9", nodeAffinity=ZONED), stateful_set())
    write(store, node("node1", zone="a"))
    restart(store, "db-0", "u1")
    remove(store, "c-u1")
    write(store, pod("db-0", "u2"))
    message = (
        "cannot decide yet whether pod shop/db-0 keeps 10.0.0.1 of pool a: nodeAffinity wants "
        'node.label["zone"] in {"a"}, but node node2 is not known: the store knows no Node `node2`'
    )
    hint = "supply node node2 with `poolweaver apply -f FILE`, then try again"
    with pytest.raises(UnknownFactsError) as raised:
        add(store, "db-0", "c2", "u2", on="node2")
    assert (raised.value.code, raised.value.message, raised.value.hint) == (
        "unknown-facts",
        message,
        hint,
    )
    assert held(store) == {"10.0.0.1": "kept"}
    decision = explained(store, "db-0", "u2", on="node2")
    assert decision.error is not None
    assert (decision.error.message, decision.error.hint) == (message, hint)
    assert [family.address for family in decision.families] == [""]


def test_other_checks_and_a_disabled_pool_do_not_matter(db: Store) -> None:
    remove(db, "c1")
    unfit: dict[str, Any] = {"podAffinity": {"matchLabels": {"app": "web"}}, "disable": True}
    write(db, pool("a", "10.0.0.1-10.0.0.9", **unfit))
    write(db, pod("db-1", "u2"))
    decision = explained(db, "db-1", "u2")
    (family,) = decision.families
    assert (decision.error, family.address) == (None, "10.0.0.1/16")
    assert [(one.pool, one.outcome) for one in family.candidates] == [("a", "chosen")]
    assert add(db, "db-1", "c2", "u2", LATE) == ("taken-over", "10.0.0.1")
    write(db, pod("db-2", "v1"))
    with pytest.raises(NoMatchingPoolError):
        add(db, "db-2", "d1", "v1")


def test_a_pool_that_is_being_drained_is_given_up(db: Store) -> None:
    record = db.pools.get("a")
    assert record is not None
    rules = record.serving.rules.replace(terminating=True)
    drained = record.replace(serving=record.serving.replace(rules=rules))
    assert db.writer.write([drained], [], {}, NOW) == []
    assert restart(db, "db-1", "u2", pod={"pools": ["a", "b"]}) == ("claimed", "10.0.1.1")
    assert history(db, "10.0.0.1")[-1] == ("released", "pool `a` is being drained")


# --- who has which tenant


def test_with_enable_statefulset_off_a_pod_is_like_any_other(store: Store) -> None:
    write(store, A, stateful_set())
    store.settings.set("enable_statefulset", "off")
    restart(store, "db-0", "u1")
    remove(store, "c-u1")
    assert held(store) == {"10.0.0.1": "resting"}
    assert add(store, "db-0", "c2", "u1") == ("taken-over", "10.0.0.1")
    assert restart(store, "db-0", "u2") == ("claimed", "10.0.0.2")


def test_switching_enable_statefulset_off_ends_what_is_kept(db: Store) -> None:
    remove(db, "c1")
    db.settings.set("enable_statefulset", "off")
    write(db, B)
    assert held(db) == {"10.0.0.1": "resting"}
    assert history(db, "10.0.0.1")[-1] == (
        "released",
        "the setting `enable_statefulset` is off",
    )


def test_a_recreated_pod_of_nobody_is_decided_anew_and_the_old_lease_waits_for_its_del(
    store: Store,
) -> None:
    write(store, A)
    restart(store, "web", "u1", pod={"owner": None})
    assert restart(store, "web", "u2", pod={"owner": None}) == ("claimed", "10.0.0.2")
    assert held(store) == {"10.0.0.1": "bound", "10.0.0.2": "bound"}
    assert remove(store, "c-u1") == ["10.0.0.1"]
    assert held(store) == {"10.0.0.1": "resting", "10.0.0.2": "bound"}


def test_the_same_pod_in_a_new_sandbox_takes_over_without_any_condition(store: Store) -> None:
    write(store, A, B)
    restart(store, "web", "u1", pod={"owner": None})
    remove(store, "c-u1")
    write(store, pod("web", "u1", ["b"], owner=None))
    assert list(explained(store, "web", "u1").notes) == ["keeps 10.0.0.1: resting for UID u1"]
    assert add(store, "web", "c2", "u1", on="node2") == ("taken-over", "10.0.0.1")


def test_a_pod_whose_facts_are_of_another_uid_takes_nothing_of_the_set(db: Store) -> None:
    remove(db, "c1")
    with pytest.raises(UnknownFactsError):
        add(db, "db-1", "c2", "u9")
    assert held(db) == {"10.0.0.1": "kept"}


def test_only_a_controller_makes_a_pod_one_of_a_set(store: Store) -> None:
    write(store, A, stateful_set(), pod("db-0", "u1").replace('"controller": true', '"x": true'))
    add(store, "db-0", "c1", "u1")
    (lease,) = store.leases.by_pod("shop", "db-0")
    assert lease.holder.tenant == "pod/shop/db-0/u1/eth0"
    assert stateful_set_of(lease.holder.tenant) is None


# --- Pods that have ended


@pytest.mark.parametrize("owner", ["db", None])
def test_a_dead_pod_takes_nothing_over(store: Store, owner: str | None) -> None:
    write(store, A, stateful_set())
    restart(store, "db-0", "u1", pod={"owner": owner})
    remove(store, "c-u1")
    dead = {"phase": "Failed", "reason": "Evicted"}
    write(store, pod("db-0", "u1", owner=owner, status=dead))
    before = held(store)
    with pytest.raises(DecisionError) as raised:
        add(store, "db-0", "c2", "u1")
    assert (raised.value.code, raised.value.message, raised.value.hint) == (
        "pod-ended",
        "pod shop/db-0 gets no address: it was evicted",
        "a Pod that has ended keeps none; apply the Pod again if it runs",
    )
    assert held(store) == before
    decision = explained(store, "db-0", "u1")
    assert (decision.error is not None and decision.error.code, decision.notes) == ("pod-ended", ())


def test_a_dead_pod_gets_the_answer_of_its_own_attachment_again(db: Store) -> None:
    write(db, pod("db-1", "u1", status={"phase": "Failed", "reason": "Evicted"}))
    assert add(db, "db-1", "c1", "u1") == ("repeated", "10.0.0.1")


# --- explanations


def test_a_kept_address_is_explained_over_the_pool_that_would_be_chosen(db: Store) -> None:
    remove(db, "c1")
    write(db, pod("db-1", "u2", ["b", "a"]))
    decision = explained(db, "db-1", "u2")
    (family,) = decision.families
    assert family.address == "10.0.0.1/16"
    assert [(one.pool, one.outcome, one.rank) for one in family.candidates] == [
        ("b", "eligible", 1),
        ("a", "chosen", 2),
    ]
    assert decision.to_json()["notes"] == ["keeps 10.0.0.1: kept for StatefulSet shop/db"]


def test_a_decision_without_history_has_no_notes(store: Store) -> None:
    write(store, A, stateful_set(), pod("db-0", "u1"))
    assert explained(store, "db-0", "u1").to_json()["notes"] == []
    assert Decision("", "eth0", "", "", []).notes == ()


def test_what_is_kept_is_not_taken_over_where_another_interface_could_not_be_served(
    store: Store,
) -> None:
    def listed(*pools: str) -> str:
        items = [{"interface": f"eth{i}", "ipv4": [name]} for i, name in enumerate(pools)]
        return json.dumps(items)

    def wanting(uid: str, *pools: str) -> str:
        manifest = json.loads(pod("db-0", uid)[4:])
        manifest["metadata"]["annotations"] = {"ipam.spidernet.io/ippools": listed(*pools)}
        return f"---\n{json.dumps(manifest)}\n"

    write(store, A, pool("b", "10.0.1.1", disable=True), stateful_set(), wanting("u1", "a"))
    add(store, "db-0", "c1", "u1")
    remove(store, "c1")
    write(store, wanting("u2", "a", "b"))
    decision = explained(store, "db-0", "u2")
    with pytest.raises(NoMatchingPoolError) as raised:
        add(store, "db-0", "c2", "u2")
    message = raised.value.message
    assert message.startswith("interface eth1, which `ippools` lists, could not be served: ")
    assert decision.error is not None
    assert (decision.nic, decision.error.message, decision.notes) == ("eth1", message, ())
    assert held(store) == {"10.0.0.1": "kept"}


# --- races


class Meanwhile(dict[int, list[str]]):
    """Default pools of a CNI configuration; when they are first looked at, something happens."""

    def __init__(self, pools: list[str], event: Callable[[], object]) -> None:
        super().__init__({4: pools})
        self.events = [event]

    def values(self) -> Any:
        while self.events:
            self.events.pop()()
        return super().values()


def test_only_what_was_looked_at_is_taken_over(store: Store) -> None:
    """Between the look at 10.0.0.1 and the take-over, a race binds an address of pool b."""
    write(store, A, B, stateful_set(), document("Namespace", "shop", None))
    write(store, pod("db-0", pools=[]))
    calm = request("db-0", "c1").replace(cni_defaults={4: ["a"]})
    (lease,) = allocate(store, calm, NOW).leases
    remove(store, "c1")

    def bind() -> None:
        family = FamilyClaim(4, [PoolChoice("b", 16)])
        attachment = request("db-0", "c9").attachment
        claim = Claim(attachment, lease.holder, [family], store.pools.rules_digest())
        store.leases.execute([claim], NOW)

    racing = request("db-0", "c2").replace(cni_defaults=Meanwhile(["a"], bind))
    done = allocate(store, racing, NOW)
    assert (done.how, *texts(done.leases)) == ("claimed", "10.0.0.2")
    assert held(store, "a", "b") == {
        "10.0.0.1": "kept",
        "10.0.0.2": "bound",
        "10.0.1.1": "resting",
    }
    remove(store, "c2")
    write(store)  # any apply settles what nobody would come back to
    assert held(store)["10.0.0.1"] == "resting"


def test_of_two_leases_that_a_race_left_the_other_is_let_go_of(db: Store) -> None:
    """Two ADDs at once may each have found nothing to take over."""
    (lease,) = db.leases.by_pod("shop", "db-1")
    choice = FamilyClaim(4, [PoolChoice("a", 16)])
    attachment = request("db-1", "c2").attachment
    db.leases.execute([Claim(attachment, lease.holder, [choice], db.pools.rules_digest())], NOW)
    assert held(db) == {"10.0.0.1": "bound", "10.0.0.2": "bound"}
    assert remove(db, "c1") == ["10.0.0.1"]
    assert held(db) == {"10.0.0.1": "resting", "10.0.0.2": "bound"}
    assert remove(db, "c2") == ["10.0.0.2"]
    assert held(db) == {"10.0.0.1": "resting", "10.0.0.2": "kept"}


def test_an_allocation_carries_whole_leases(db: Store) -> None:
    remove(db, "c1")
    write(db, pod("db-1", "u2"))
    done = allocate(db, request("db-1", "c2", "u2"), NOW + 5)
    assert done.leases == db.leases.by_attachment(request("db-1", "c2").attachment)
    assert texts(done.leases) == ["10.0.0.1"]
