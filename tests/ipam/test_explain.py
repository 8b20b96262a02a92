"""Explanations hold what an ADD would do: given-up addresses, routes, unreadable annotations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipam.allocate import allocate
from ipam.request import Request
from model.errors import CandidateError
from model.leases import Attachment
from policy.networks import NETWORKS
from store.store import Store
from tests.ipam.calls import NOW, call, environment, k8s, make_store, namespace, network, pool
from tests.ipam.stateful import add, document, explained, node, pod, request, stateful_set, write

ROUTES = "ipam.spidernet.io/routes"


def moved(store: Store, ips: str = "10.0.0.1") -> None:
    """shop/db-1 has an address of pool `a`, and the StatefulSet does not want db-1 any more."""
    write(store, pool("a", ips), stateful_set(3), pod("db-1", "u1"), namespace("shop"))
    assert add(store, "db-1", "c1", "u1") == ("claimed", "10.0.0.1")
    write(store, stateful_set(1), pod("db-1", "u2"), node("node1"))


def test_an_address_that_would_be_given_up_counts_as_free(store: Store) -> None:
    moved(store)
    decision = explained(store, "db-1", "u2")
    candidate = decision.families[0].candidates[0]
    assert decision.error is None
    assert (candidate.outcome, candidate.free) == ("chosen", 1)
    assert decision.families[0].address == "10.0.0.1/16"
    assert list(decision.notes) == [
        "gives up 10.0.0.1: StatefulSet shop/db wants only db-0 to db-0"
    ]
    assert add(store, "db-1", "c2", "u2") == ("claimed", "10.0.0.1")


def test_a_given_up_address_is_the_last_choice_of_its_pool(store: Store) -> None:
    moved(store, "10.0.0.1-10.0.0.2")
    decision = explained(store, "db-1", "u2")
    assert decision.families[0].candidates[0].free == 2
    assert decision.families[0].address == "10.0.0.2/16"
    assert add(store, "db-1", "c2", "u2") == ("claimed", "10.0.0.2")


def test_a_given_up_address_that_is_reserved_by_now_is_not_free(store: Store) -> None:
    moved(store)
    reserved = {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderReservedIP",
        "metadata": {"name": "r"},
        "spec": {"ipVersion": 4, "ips": ["10.0.0.1"]},
    }
    write(store, "---\n" + json.dumps(reserved) + "\n")
    decision = explained(store, "db-1", "u2")
    assert decision.error is not None
    assert decision.error.code == "pool-exhausted"
    assert decision.families[0].candidates[0].free == 0


def routed(store: Store, *routes: tuple[str, str]) -> Request:
    annotation = json.dumps([{"dst": dst, "gw": gw} for dst, gw in routes])
    metadata = {"annotations": {ROUTES: annotation}}
    write(store, pool("a", "10.0.0.1-10.0.0.9", default=True), namespace("shop"))
    write(store, document("Pod", "web", metadata=metadata))
    return request("web", "c1")


LOST = (
    f"route 172.16.0.0/12 via 192.168.0.1 of annotation `{ROUTES}` is not given: no subnet of eth0 "
    "holds 192.168.0.1"
)


def test_a_route_that_leads_out_of_no_subnet_is_told(store: Store) -> None:
    wanted = routed(store, ("172.16.0.0/12", "192.168.0.1"), ("172.20.0.0/16", "10.0.0.200"))
    assert list(explained(store, "web").notes) == [LOST]
    done = allocate(store, wanted, NOW)
    assert done.leases[0].answer.routes == (("172.20.0.0/16", "10.0.0.200"),)
    assert list(done.remarks) == [LOST]
    assert list(allocate(store, wanted, NOW).remarks) == []  # the same answer again


def test_an_add_logs_a_route_that_is_not_given(tmp_path: Path) -> None:
    routes = [{"dst": "172.16.0.0/12", "gw": "192.168.0.1"}]
    web = document("Pod", "web", "default", metadata={"annotations": {ROUTES: json.dumps(routes)}})
    db = make_store(
        tmp_path / "ipam.db",
        pool("a", "10.0.0.1-10.0.0.9", default=True) + web + namespace("default"),
    )
    code, _, err = call(environment("ADD", args=k8s("web")), network(db))
    assert code == 0
    assert f" warn ADD: default/web: {LOST}\n" in err


@pytest.mark.parametrize("annotation", ["[{", "a//b", '[{"name": 1}]'])
def test_an_unreadable_networks_annotation_has_its_own_code(store: Store, annotation: str) -> None:
    metadata = {"annotations": {NETWORKS: annotation}}
    write(
        store,
        pool("a", "10.0.0.1", default=True, multusName=["shop/vlan"]),
        namespace("shop"),
        document("Pod", "web", metadata=metadata),
    )
    wanted = request("web", "c1", nic="net1")
    with pytest.raises(CandidateError) as refused:
        allocate(store, wanted, NOW)
    error = refused.value
    assert error.code == "invalid-network-annotation"
    assert error.message.startswith(
        f"no network is known for interface net1 of pod shop/web: annotation `{NETWORKS}` "
    )
    assert error.hint == (
        'write `namespace/name@interface`, or JSON: `[{"namespace": "ns", "name": "net"}]`'
    )
    assert store.leases.by_attachment(Attachment("node1", "net0", "c1", "net1")) == []


def test_an_unreadable_networks_annotation_does_no_harm_where_no_pool_asks(store: Store) -> None:
    metadata = {"annotations": {NETWORKS: "[{"}}
    write(
        store,
        pool("a", "10.0.0.1", default=True),
        namespace("shop"),
        document("Pod", "web", metadata=metadata),
    )
    assert add(store, "web", "c1", nic="net1") == ("claimed", "10.0.0.1")
