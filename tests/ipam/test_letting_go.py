"""What an interface gives up with its claim counts as free for that claim, and beside it."""

from __future__ import annotations

import json

import pytest

from ipam.allocate import allocate
from ipam.explain import explain
from model.errors import PoolExhaustedError
from store.store import Store
from tests.ipam.calls import NOW, pool
from tests.ipam.stateful import add, document, request, stateful_set, texts, write

A, B = pool("a", "10.0.0.1"), pool("b", "10.1.0.1", "10.1.0.0/16")
SIX = pool("six", "fd00::1", "fd00::/64")


def pod(uid: str, *items: dict[str, list[str]]) -> str:
    """Pod shop/db-0 of the StatefulSet, with the items of its interfaces eth0 and net1."""
    annotations = {
        "ipam.spidernet.io/ippools": json.dumps(items),
        "k8s.v1.cni.cncf.io/networks": "one, two",
    }
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "uid": "s"}
    metadata = {
        "uid": uid,
        "annotations": annotations,
        "ownerReferences": [{**owner, "controller": True}],
    }
    return document("Pod", "db-0", metadata=metadata)


def test_an_address_that_goes_serves_the_interface_beside_it(store: Store) -> None:
    """eth0 had the only address of a, which net1 is to have now."""
    write(store, A, B, stateful_set(), pod("u1", {"ipv4": ["a"]}))
    assert add(store, "db-0", "c1", "u1") == ("claimed", "10.0.0.1")
    write(store, pod("u2", {"ipv4": ["b"]}, {"ipv4": ["a"]}))
    assert explain(store, request("db-0", "", "u2"), NOW).error is None
    assert add(store, "db-0", "c2", "u2") == ("claimed", "10.1.0.1")
    done = allocate(store, request("db-0", "c2", "u2", nic="net1"), NOW)
    assert texts(done.leases) == ["10.0.0.1"]


def test_an_interface_that_claims_anew_what_it_gives_up_can_be_served(store: Store) -> None:
    """net1 had the only address of a, and is to have one of each family now."""
    write(store, A, B, SIX, stateful_set(), pod("u1", {"ipv4": ["b"]}, {"ipv4": ["a"]}))
    assert add(store, "db-0", "c1", "u1", nic="net1") == ("claimed", "10.0.0.1")
    write(store, pod("u2", {"ipv4": ["b"]}, {"ipv4": ["a"], "ipv6": ["six"]}))
    assert add(store, "db-0", "c2", "u2") == ("claimed", "10.1.0.1")
    assert add(store, "db-0", "c2", "u2", nic="net1") == ("claimed", "10.0.0.1", "fd00::1")


def test_one_address_that_goes_does_not_serve_two(store: Store) -> None:
    write(store, A, B, stateful_set(), pod("u1", {"ipv4": ["a"]}))
    assert add(store, "db-0", "c1", "u1") == ("claimed", "10.0.0.1")
    write(store, pod("u2", {"ipv4": ["b"]}, {"ipv4": ["a", "b"]}, {"ipv4": ["a"]}))
    with pytest.raises(PoolExhaustedError) as caught:
        add(store, "db-0", "c2", "u2")
    assert caught.value.message.startswith("interface net2, which `ippools` lists, could not be")
