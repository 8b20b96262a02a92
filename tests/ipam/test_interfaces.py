"""`ippools`, routes and gateways: what each interface of a Pod gets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy.reasons import clip
from tests.ipam.calls import call, environment, k8s, make_store, network, pool

NETWORKS = "k8s.v1.cni.cncf.io/networks"


def pod_with(**annotations: object) -> str:
    """A Pod `web` whose `ipam.spidernet.io/` annotations are these, as JSON."""
    texts = {f"ipam.spidernet.io/{key}": json.dumps(value) for key, value in annotations.items()}
    metadata = {"name": "web", "annotations": {**texts, NETWORKS: "one"}}
    return "---\n" + json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}) + "\n"


POOLS = (
    pool("a", "10.0.0.10-10.0.0.19", gateway="10.0.0.1")
    + pool("b", "10.1.0.10", "10.1.0.0/16", gateway="10.1.0.1")
    + pool("six", "fd00::10", "fd00::/64", gateway="fd00::1")
)


def add(db: Path, ifname: str = "eth0", container: str = "c1") -> tuple[int, Any]:
    code, answer, _ = call(environment("ADD", container, ifname, k8s("web")), network(db))
    return code, answer


def test_each_interface_gets_the_pools_of_its_item(tmp_path: Path) -> None:
    items = [
        {"interface": "eth0", "ipv4": ["a"], "ipv6": ["six"]},
        {"interface": "net1", "ipv4": ["b"], "cleangateway": True},
    ]
    db = make_store(tmp_path / "ipam.db", POOLS + pod_with(ippools=items))
    code, first = add(db)
    assert code == 0
    assert [ip["address"] for ip in first["ips"]] == ["10.0.0.10/16", "fd00::10/64"]
    assert first["routes"] == [
        {"dst": "0.0.0.0/0", "gw": "10.0.0.1"},
        {"dst": "::/0", "gw": "fd00::1"},
    ]
    code, second = add(db, "net1")
    assert (code, second["ips"]) == (0, [{"address": "10.1.0.10/16", "gateway": "10.1.0.1"}])
    assert "routes" not in second, "cleangateway leaves out the default route, not the gateway"
    assert add(db) == (0, first), "a repeated ADD gives the stored answer"


@pytest.mark.parametrize(
    ("item", "code", "message"),
    [
        (
            {"interface": "net1", "ipv4": ["none"]},
            102,
            "names unknown pool `none`",
        ),
        (
            {"interface": "net1", "ipv6": ["b"]},
            101,
            'b: ipVersion wants ip.family = 4, but it is "6"',
        ),
        ({"interface": "net1"}, 102, "names no pool"),
    ],
)
def test_an_interface_that_cannot_be_served_fails_the_first_add_naming_it(
    tmp_path: Path, item: dict[str, object], code: int, message: str
) -> None:
    items = [{"interface": "eth0", "ipv4": ["a"]}, item]
    db = make_store(tmp_path / "ipam.db", POOLS + pod_with(ippools=items))
    exit_code, error = add(db)
    assert (exit_code, error["code"]) == (1, code)
    assert error["msg"].startswith("interface net1, which `ippools` lists, could not be served: ")
    assert message in error["msg"]


def test_two_interfaces_on_one_pool_need_two_free_addresses(tmp_path: Path) -> None:
    items = [{"interface": "eth0", "ipv4": ["b"]}, {"interface": "net1", "ipv4": ["b"]}]
    db = make_store(tmp_path / "ipam.db", POOLS + pod_with(ippools=items))
    exit_code, error = add(db)
    assert (exit_code, error["code"]) == (1, 103)
    assert "interface net1" in error["msg"]


def test_two_interfaces_on_one_pool_get_two_addresses(tmp_path: Path) -> None:
    items = [{"ipv4": ["a"]}, {"ipv4": ["a"]}]
    db = make_store(tmp_path / "ipam.db", POOLS + pod_with(ippools=items))
    addresses = [add(db, nic)[1]["ips"][0]["address"] for nic in ("eth0", "net1")]
    assert addresses == ["10.0.0.10/16", "10.0.0.11/16"]


def test_the_last_address_serves_the_interface_that_still_lacks_one(tmp_path: Path) -> None:
    """The second ADD does not ask again for what the first one holds."""
    items = [{"interface": "eth0", "ipv4": ["b"]}, {"interface": "net1", "ipv4": ["a"]}]
    db = make_store(tmp_path / "ipam.db", POOLS + pod_with(ippools=items))
    assert add(db)[0] == 0
    assert add(db, "net1")[0] == 0


def test_routes_of_a_pod_go_to_the_interface_whose_subnet_holds_their_gateway(
    tmp_path: Path,
) -> None:
    routes = [
        {"dst": "172.16.0.5/12", "gw": "10.0.0.7"},
        {"dst": "0.0.0.0/0", "gw": "10.1.0.7"},
        {"dst": "fd10::/16", "gw": "fd00::7"},
        {"dst": "fd10::/16", "gw": "fd00::7"},
    ]
    items = [{"ipv4": ["a"], "ipv6": ["six"]}, {"ipv4": ["b"]}]
    db = make_store(tmp_path / "ipam.db", POOLS + pod_with(ippools=items, routes=routes))
    assert add(db)[1]["routes"] == [
        {"dst": "172.16.0.5/12", "gw": "10.0.0.7"},
        {"dst": "0.0.0.0/0", "gw": "10.0.0.1"},
        {"dst": "fd10::/16", "gw": "fd00::7"},
        {"dst": "::/0", "gw": "fd00::1"},
    ]
    assert add(db, "net1")[1]["routes"] == [
        {"dst": "0.0.0.0/0", "gw": "10.1.0.7"},
        {"dst": "0.0.0.0/0", "gw": "10.1.0.1"},
    ]


@pytest.mark.parametrize(
    ("routes", "problem"),
    [
        ({"dst": "1.0.0.0/8"}, "is not a list of routes"),
        ([{"dst": "1.0.0.0/8"}], "has no `dst` and `gw` in entry 0"),
        ([{"dst": "1.0.0.0", "gw": "10.0.0.1"}], "has `dst: 1.0.0.0` in entry 0, which is not a CIDR"),
        ([{"dst": "1.0.0.0/40", "gw": "10.0.0.1"}], "has `dst: 1.0.0.0/40` in entry 0, which is not a CIDR"),
        ([{"dst": f"1.0.0.0/{'1' * 5000}", "gw": "10.0.0.1"}], f"has `dst: 1.0.0.0/{'1' * 5000}` in entry 0, which is not a CIDR"),
        ([{"dst": "1.0.0.0/8", "gw": "10.0.0"}], "has `gw: 10.0.0` in entry 0, which is not an IP address"),
        ([{"dst": "1.0.0.0/8", "gw": "fd00::1"}], "mixes IPv4 and IPv6 in entry 0"),
    ],
)  # fmt: skip
def test_malformed_routes_fail_the_add(tmp_path: Path, routes: object, problem: str) -> None:
    annotations = {"ippool": {"ipv4": ["a"]}, "routes": routes}
    db = make_store(tmp_path / "ipam.db", POOLS + pod_with(**annotations))
    code, error = add(db)
    assert (code, error["code"]) == (1, 102)
    assert error["msg"] == clip(f"Pod annotation `ipam.spidernet.io/routes` {problem}", 512)
