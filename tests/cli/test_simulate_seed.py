"""`poolweaver simulate` on the seed's scenarios: what the seed document prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

SEED = Path(__file__).resolve().parents[2] / "examples" / "seed"

# pools: name, allocated, total.  pods: beginning of the name, status, address, node.
# reasons: pool, field, what the rule wants, what the Pod has.
EXPECTED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "all-fields": (
        ["test-pod-ippool 1 10"],
        [
            "all-four-match Running 10.6.168.151 worker1",
            "other-label ContainerCreating <none> worker1",
            "other-node ContainerCreating <none> worker2",
            "other-network ContainerCreating <none> master",
            "other-namespace ContainerCreating <none> master",
        ],
        [
            'test-pod-ippool: podAffinity wants pod.label["app"] in {"test-app-3"}, but it is "test-app-4"',
            'test-pod-ippool: nodeName wants node.name in {"master", "worker1"}, but it is "worker2"',
            'test-pod-ippool: multusName wants nic.network in {"kube-system/macvlan-vlan0"}, but it is "kube-system/macvlan-ens192"',
            'test-pod-ippool: namespaceName wants namespace.name in {"default", "kube-system"}, but it is "team-a"',
        ],
    ),
    "app-affinity": (
        ["test-pod-ippool 1 10"],
        [
            "test-app-3- Running 10.6.168.151 node1",
            "test-unmatch-labels- ContainerCreating <none> node2",
        ],
        ['test-pod-ippool: podAffinity wants pod.label["app"] in {"test-app-3"}, but it is "test-unmatch-labels"'],
    ),
    "shared-pool": (
        ["shared-static-ipv4-ippool 4 4"],
        [
            "shared-static-ippool-deploy-1- Running 172.18.41.44 spider-control-plane",
            "shared-static-ippool-deploy-1- Running 172.18.41.45 spider-worker",
            "shared-static-ippool-deploy-2- Running 172.18.41.46 spider-control-plane",
            "shared-static-ippool-deploy-2- Running 172.18.41.47 spider-worker",
        ],
        [],
    ),
    "node-affinity": (
        ["test-node1-ippool 1 10"],
        [
            "test-app-1- ContainerCreating <none> master",
            "test-app-1- Running 10.6.168.101 node1",
            "test-app-1- ContainerCreating <none> node2",
        ],
        [
            'test-node1-ippool: nodeAffinity wants node.label["kubernetes.io/hostname"] in {"node1"}, but it is "master"',
            'test-node1-ippool: nodeAffinity wants node.label["kubernetes.io/hostname"] in {"node1"}, but it is "node2"',
        ],
    ),
    "node-name": (
        ["test-node1-ippool 1 10"],
        [
            "test-app-1- ContainerCreating <none> master",
            "test-app-1- Running 10.6.168.101 node1",
            "test-app-1- ContainerCreating <none> node2",
        ],
        [
            'test-node1-ippool: nodeName wants node.name in {"node1"}, but it is "master"',
            'test-node1-ippool: nodeName wants node.name in {"node1"}, but it is "node2"',
        ],
    ),
    "namespace-affinity": (
        ["test-ns1-ippool 1 10"],
        ["test-app-2- Running 10.6.168.111 node1", "test-other-ns- ContainerCreating <none> node2"],
        ['test-ns1-ippool: namespaceAffinity wants namespace.label["kubernetes.io/metadata.name"] in {"test-ns1"}, but it is "test-ns2"'],
    ),
    "namespace-name": (
        ["test-ns1-ippool 1 10"],
        ["test-app-2- Running 10.6.168.111 node1", "test-other-ns- ContainerCreating <none> node2"],
        ['test-ns1-ippool: namespaceName wants namespace.name in {"test-ns1"}, but it is "test-ns2"'],
    ),
    "network-affinity": (
        ["test-ippool-eth0 1 10", "test-ippool-eth1 1 10"],
        ["test-app- Running 10.6.168.151 node1"],
        [],
    ),
}  # fmt: skip


def columns(block: str) -> list[list[str]]:
    return [re.split(r"\s{3,}", line.strip()) for line in block.splitlines()]


@pytest.mark.parametrize("name", EXPECTED)
def test_simulate_prints_what_the_seed_prints(cli: Cli, name: str) -> None:
    pools, pods, reasons = EXPECTED[name]
    result = cli("simulate", SEED / name)
    assert (result.code, result.err) == (0, "")
    blocks = result.out.split("\n\n")
    head, *rows = columns(blocks[0].partition("\n")[2])
    assert head == ["NAME", "VERSION", "SUBNET", "ALLOCATED-IP-COUNT", "TOTAL-IP-COUNT", "DEFAULT"]
    assert [f"{row[0]} {row[3]} {row[4]}" for row in rows] == pools
    head, *rows = columns(blocks[1])
    assert head == ["NAMESPACE", "NAME", "READY", "STATUS", "IP", "NODE"]
    assert len(rows) == len(pods)
    for row, expected in zip(rows, pods, strict=True):
        beginning, rest = expected.split(" ", 1)
        assert row[1].startswith(beginning)
        assert " ".join(row[3:]) == rest
    told = [line.strip() for line in result.out.splitlines() if " wants " in line]
    assert told == reasons


def test_simulate_shows_both_interfaces_of_a_pod(cli: Cli) -> None:
    block = cli("simulate", SEED / "network-affinity").out.split("\n\n")[2]
    head, *rows = columns(block)
    assert head == [
        "NAMESPACE",
        "NAME",
        "INTERFACE",
        "IPV4POOL",
        "IPV4",
        "IPV6POOL",
        "IPV6",
        "NODE",
    ]
    assert [row[2:5] for row in rows] == [
        ["eth0", "test-ippool-eth0", "10.6.168.151/16"],
        ["net1", "test-ippool-eth1", "10.7.168.151/16"],
    ]


def test_simulate_is_the_same_every_time(cli: Cli) -> None:
    assert cli("simulate", SEED / "shared-pool").out == cli("simulate", SEED / "shared-pool").out


def test_simulate_names_the_place_of_the_failing_field(cli: Cli) -> None:
    out = cli("simulate", SEED / "app-affinity").out
    assert f"    at {SEED / 'app-affinity' / 'ippool.yaml'}:11:7\n" in out
