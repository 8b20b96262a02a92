"""Which network an interface has, from Multus' annotations and the settings."""

from __future__ import annotations

import pytest

from policy.networks import DEFAULT_NETWORK, NETWORKS, find_network, nic_names

ROWS = [
    ("eth0", {DEFAULT_NETWORK: "default/vlan0"}, "default/vlan0", ""),
    ("eth0", {DEFAULT_NETWORK: "vlan0"}, "kube-system/vlan0", ""),
    ("eth0", {DEFAULT_NETWORK: "a/one,b/two"}, "a/one", ""),
    ("eth0", {DEFAULT_NETWORK: '[{"name": "one", "namespace": "a"}]'}, "a/one", ""),
    ("eth0", {}, "kube-system/cluster", ""),
    ("eth0", {DEFAULT_NETWORK: ""}, "", f"annotation `{DEFAULT_NETWORK}` is empty"),
    ("net1", {NETWORKS: "vlan1"}, "shop/vlan1", ""),
    ("net2", {NETWORKS: "vlan1,b/vlan2"}, "b/vlan2", ""),
    ("data", {NETWORKS: "vlan1@data"}, "shop/vlan1", ""),
    ("net2", {NETWORKS: "vlan1@data, vlan2"}, "shop/vlan2", ""),
    ("net1", {NETWORKS: '[{"name": "vlan1"}]'}, "shop/vlan1", ""),
    ("data", {NETWORKS: '[{"name": "v", "namespace": "b", "interface": "data"}]'}, "b/v", ""),
    ("net1", {}, "", f"no annotation `{NETWORKS}` names a network for `net1`"),
    ("net3", {NETWORKS: "a,b"}, "", f"annotation `{NETWORKS}` lists no network for `net3`"),
    ("net1", {NETWORKS: "a/b/c"}, "", f"annotation `{NETWORKS}` has the malformed entry `a/b/c`"),
    ("net1", {NETWORKS: "/b"}, "", f"annotation `{NETWORKS}` has the malformed entry `/b`"),
    ("net1", {NETWORKS: "a@"}, "", f"annotation `{NETWORKS}` has the malformed entry `a@`"),
    ("net1", {NETWORKS: "a b"}, "", f"annotation `{NETWORKS}` has the malformed entry `a b`"),
    ("net1", {NETWORKS: "Vlan"}, "", f"annotation `{NETWORKS}` has the malformed entry `Vlan`"),
    ("net2", {NETWORKS: "ok,-a"}, "", f"annotation `{NETWORKS}` has the malformed entry `-a`"),
    (
        "net1",
        {NETWORKS: "a@sixteen--letters"},
        "",
        f"annotation `{NETWORKS}` has the malformed entry `a@sixteen--letters`",
    ),
    (
        "net1",
        {NETWORKS: '{"name": "a"}'},
        "",
        f"annotation `{NETWORKS}` is not a JSON list of objects",
    ),
    (
        "net1",
        {NETWORKS: '[{"name": 5}]'},
        "",
        f"annotation `{NETWORKS}` has an entry with a name that is no text",
    ),
    ("net1", {NETWORKS: "[3]"}, "", f"annotation `{NETWORKS}` is not a JSON list of objects"),
    (
        "net1",
        {NETWORKS: '[{"namespace": "a"}]'},
        "",
        f"annotation `{NETWORKS}` has an entry without a valid network name",
    ),
]


@pytest.mark.parametrize(("nic", "annotations", "name", "reason"), ROWS)
def test_an_interface_finds_its_network(
    nic: str, annotations: dict[str, str], name: str, reason: str
) -> None:
    network = find_network(annotations, "shop", nic, "cluster", "kube-system")
    assert (network.name, network.reason) == (name, reason)


def test_without_annotation_and_setting_the_first_interface_has_no_network() -> None:
    network = find_network({}, "shop", "eth0", "", "kube-system")
    assert network.name == ""
    assert network.reason == (
        f"no annotation `{DEFAULT_NETWORK}`, and the setting `cluster_network` is empty"
    )


def test_broken_json_is_a_reason_not_an_exception() -> None:
    network = find_network({NETWORKS: "[{"}, "shop", "net1", "", "kube-system")
    assert network.reason.startswith(f"annotation `{NETWORKS}` is not valid JSON: ")


def test_keys_in_any_case_are_read_as_go_reads_them() -> None:
    text = '[{"Name": "v", "NAMESPACE": "b", "Interface": "data"}]'
    assert find_network({NETWORKS: text}, "shop", "data", "", "kube-system").name == "b/v"


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_deep_json_is_a_reason_not_an_exception(depth: int) -> None:
    text = "[" * depth + "]" * depth
    assert find_network({NETWORKS: text}, "shop", "net1", "", "kube-system").reason


def test_interfaces_come_in_order() -> None:
    assert nic_names({NETWORKS: "a,b@data,c"}) == ["eth0", "net1", "data", "net3"]
    assert nic_names({}) == ["eth0"]
