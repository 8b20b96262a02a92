"""What stands against a take-over: reservations, new families, a place, the other interfaces."""

from __future__ import annotations

import json

import pytest

from model.errors import CandidateError, DecisionError, NoMatchingPoolError, PoolExhaustedError
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
    restart,
    stateful_set,
    write,
)

A = pool("a", "10.0.0.1-10.0.0.9")
SIX = pool("six", "fd00::1-fd00::9", "fd00::/64")
LATE = NOW + 3600


def reserve(name: str, *ips: str) -> str:
    manifest = {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderReservedIP",
        "metadata": {"name": name},
        "spec": {"ipVersion": 6 if ":" in ips[0] else 4, "ips": list(ips)},
    }
    return f"---\n{json.dumps(manifest)}\n"


# --- reservations


def test_what_rests_and_was_reserved_is_not_taken_back(store: Store) -> None:
    write(store, A, pod("web", "u1", owner=None))
    add(store, "web", "c1", "u1")
    remove(store, "c1")
    write(store, reserve("r", "10.0.0.1"))
    decision = explained(store, "web", "u1")
    assert ([one.address for one in decision.families], decision.notes) == (["10.0.0.2/16"], ())
    assert add(store, "web", "c2", "u1") == ("claimed", "10.0.0.2")


def test_of_two_families_neither_is_taken_back_where_one_was_reserved(store: Store) -> None:
    write(store, A, SIX, pod("web", "u1", v6=["six"], owner=None))
    add(store, "web", "c1", "u1")
    remove(store, "c1")
    write(store, reserve("r", "fd00::1"))
    assert add(store, "web", "c2", "u1") == ("claimed", "10.0.0.2", "fd00::2")


@pytest.mark.parametrize("del_came", [True, False])
def test_what_is_kept_or_bound_stays_with_its_holder_though_reserved(
    store: Store, del_came: bool
) -> None:
    write(store, A, stateful_set())
    restart(store, "db-0", "u1")
    if del_came:
        remove(store, "c-u1")
    write(store, reserve("r", "10.0.0.1"))
    assert restart(store, "db-0", "u2", LATE) == ("taken-over", "10.0.0.1")


# --- an ADD that fails takes nothing away

FAILING = [
    ("the new pool is full", ["full"], PoolExhaustedError),
    ("the new pool does not match", ["shut"], NoMatchingPoolError),
    ("the new pool does not exist", ["none"], CandidateError),
]


@pytest.mark.parametrize("del_came", [True, False])
@pytest.mark.parametrize(
    ("pools", "error"), [row[1:] for row in FAILING], ids=[row[0] for row in FAILING]
)
def test_an_add_that_fails_lets_go_of_nothing(
    store: Store, pools: list[str], error: type[DecisionError], del_came: bool
) -> None:
    write(store, A, pool("full", "10.0.1.1"), pool("shut", "10.0.2.1", disable=True))
    write(store, stateful_set(), pod("other", owner=None, pools=["full"]))
    add(store, "other", "other")
    restart(store, "db-0", "u1")
    if del_came:
        remove(store, "c-u1")
    before = store.leases.by_pool("a")
    with pytest.raises(error):
        restart(store, "db-0", "u2", pod={"pools": pools})
    assert store.leases.by_pool("a") == before
    decision = explained(store, "db-0", "u2")
    assert decision.error is not None
    assert decision.notes[-1] == "would give up 10.0.0.1: pool `a` is no longer a candidate"
    assert restart(store, "db-0", "u3", LATE) == ("taken-over", "10.0.0.1")


# --- a family that is wanted now


def test_a_pod_that_wants_another_family_is_decided_anew_for_all(store: Store) -> None:
    write(store, A, SIX, stateful_set())
    restart(store, "db-0", "u1")
    remove(store, "c-u1")
    write(store, pod("db-0", "u2", v6=["six"]))
    assert explained(store, "db-0", "u2").notes == ("gives up 10.0.0.1: IPv6 is wanted, too",)
    assert add(store, "db-0", "c2", "u2") == ("claimed", "10.0.0.2", "fd00::1")
    assert history(store, "10.0.0.1")[-1] == ("released", "IPv6 is wanted, too")


def test_the_only_address_of_a_pool_is_claimed_again_with_the_new_family(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), SIX, stateful_set())
    restart(store, "db-0", "u1")
    remove(store, "c-u1")
    both = {"v6": ["six"]}
    assert restart(store, "db-0", "u2", pod=both) == ("claimed", "10.0.0.1", "fd00::1")


def test_a_family_that_default_pools_serve_now_is_wanted(store: Store) -> None:
    write(store, document("Namespace", "shop", None), stateful_set())
    write(store, pool("a", "10.0.0.1-10.0.0.9", default=True))
    restart(store, "db-0", "u1", pod={"pools": []})
    remove(store, "c-u1")
    write(store, pool("six", "fd00::1", "fd00::/64", default=True))
    assert restart(store, "db-0", "u2", pod={"pools": []}) == ("claimed", "10.0.0.2", "fd00::1")


def test_without_room_in_the_new_family_nothing_is_lost(store: Store) -> None:
    write(store, A, pool("six", "fd00::1", "fd00::/64"), stateful_set())
    write(store, pod("other", owner=None, pools=[], v6=["six"]))
    add(store, "other", "other")
    restart(store, "db-0", "u1")
    remove(store, "c-u1")
    with pytest.raises(PoolExhaustedError):
        restart(store, "db-0", "u2", pod={"v6": ["six"]})
    assert held(store) == {"10.0.0.1": "kept"}


# --- the place, from any field


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('require node.name in {"node1"};', 'node.name in {"node1"}, but it is "node2"'),
        ('require node.label["zone"] in {"a"};', 'node.label["zone"] in {"a"}, but it is "b"'),
    ],
)
def test_a_check_of_the_node_counts_though_it_is_written_as_a_rule(
    store: Store, rule: str, expected: str
) -> None:
    manifest = json.loads(A[4:])
    manifest["metadata"]["annotations"] = {"poolweaver.io/require": rule}
    write(store, f"---\n{json.dumps(manifest)}\n", pool("b", "10.0.1.1"), stateful_set())
    write(store, node("node1", zone="a"), node("node2", zone="b"))
    listed = {"pools": ["a", "b"]}
    restart(store, "db-0", "u1", pod=listed)
    remove(store, "c-u1")
    assert restart(store, "db-0", "u2", pod=listed, on="node2") == ("claimed", "10.0.1.1")
    event, reason = history(store, "10.0.0.1")[-1]
    assert event == "released"
    assert reason.startswith("pool `a` does not fit any more: ")
    assert expected in reason


# --- the other interfaces of `ippools`


def listing(name: str, uid: str, owner: str | None = "db", **pools: str) -> str:
    """A Pod whose `ippools` lists an interface for each keyword."""
    manifest = json.loads(pod(name, uid, owner=owner)[4:])
    items = [{"interface": nic, "ipv4": [listed]} for nic, listed in pools.items()]
    manifest["metadata"]["annotations"] = {"ipam.spidernet.io/ippools": json.dumps(items)}
    return f"---\n{json.dumps(manifest)}\n"


@pytest.fixture
def full(store: Store) -> Store:
    """Pools e and m, and `full` whose one address another container has."""
    write(store, pool("e", "10.0.0.1-10.0.0.9"), pool("e2", "10.0.3.1"), pool("m", "10.0.1.1"))
    write(store, pool("full", "10.0.2.1"), stateful_set())
    write(store, pod("other", owner=None, pools=["full"]))
    add(store, "other", "other")
    return store


@pytest.mark.parametrize(("owner", "uid"), [("db", "u2"), (None, "u1")])
def test_a_take_over_fails_where_another_interface_could_not_be_served(
    full: Store, owner: str | None, uid: str
) -> None:
    write(full, listing("db-0", "u1", owner, eth0="e", net1="m"))
    for nic in ("eth0", "net1"):
        add(full, "db-0", "c1", "u1", nic=nic)
    for nic in ("eth0", "net1"):
        remove(full, "c1", nic=nic)
    write(full, listing("db-0", uid, owner, eth0="e", net1="m", net2="full"))
    before = held(full, "e", "m")
    with pytest.raises(PoolExhaustedError) as raised:
        add(full, "db-0", "c2", uid)
    assert raised.value.code == "pool-exhausted"
    assert raised.value.message.startswith(
        "interface net2, which `ippools` lists, could not be served: "
    )
    assert held(full, "e", "m") == before
    decision = explained(full, "db-0", uid)
    assert decision.error is not None
    assert (decision.nic, decision.error.message) == ("net2", raised.value.message)


def test_what_another_interface_would_give_up_does_not_serve_it(full: Store) -> None:
    write(full, listing("db-0", "u1", eth0="e", net1="m"))
    for nic in ("eth0", "net1"):
        add(full, "db-0", "c1", "u1", nic=nic)
    for nic in ("eth0", "net1"):
        remove(full, "c1", nic=nic)
    write(full, listing("db-0", "u2", eth0="e", net1="full"))
    with pytest.raises(PoolExhaustedError):
        add(full, "db-0", "c2", "u2")
    assert held(full, "e", "m") == {"10.0.0.1": "kept", "10.0.1.1": "kept"}


def test_the_same_attachment_gets_its_answer_whatever_became_of_the_others(full: Store) -> None:
    write(full, listing("db-0", "u1", eth0="e", net1="m"))
    add(full, "db-0", "c1", "u1")
    write(full, listing("db-0", "u1", eth0="e", net1="full"))
    assert add(full, "db-0", "c1", "u1") == ("repeated", "10.0.0.1")


def test_what_a_lost_del_left_bound_serves_the_other_interface(full: Store) -> None:
    write(full, listing("db-0", "u1", eth0="e", net1="m"))
    for nic in ("eth0", "net1"):
        add(full, "db-0", "c1", "u1", nic=nic)
    write(full, listing("db-0", "u2", eth0="e2", net1="m"))
    assert add(full, "db-0", "c2", "u2") == ("claimed", "10.0.3.1")
    assert add(full, "db-0", "c2", "u2", nic="net1") == ("taken-over", "10.0.1.1")


def test_the_last_resting_address_is_not_promised_to_two_interfaces(full: Store) -> None:
    write(full, listing("db-0", "u1", None, eth0="e", net1="m"))
    add(full, "db-0", "c1", "u1", nic="net1")
    remove(full, "c1", nic="net1")
    write(full, listing("db-0", "u1", None, eth0="m", net1="m"))
    with pytest.raises(PoolExhaustedError) as raised:
        add(full, "db-0", "c2", "u1")
    assert raised.value.message.startswith("interface net1, which `ippools` lists, ")
    write(full, listing("db-0", "u1", None, eth0="e", net1="m"))
    assert add(full, "db-0", "c2", "u1") == ("claimed", "10.0.0.1")
    assert add(full, "db-0", "c2", "u1", nic="net1") == ("taken-over", "10.0.1.1")
