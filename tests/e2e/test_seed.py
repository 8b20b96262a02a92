"""The seed's scenarios through real CNI calls: Debian's bridge plugin in real namespaces."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from model.facts import PodFacts
from policy.networks import nic_names
from tests.e2e.lab import SEED, Lab, namespaces, needs
from tests.e2e.seed_pods import manifest_of, pods_of

pytestmark = [pytest.mark.e2e, needs()]


@dataclass
class Scenario:
    """What the seed says: (Pod name's beginning, node or any) to addresses or the reason."""

    counts: dict[str, int]
    addresses: dict[str, list[str]]
    refused: dict[str, str] = field(default_factory=dict)


APP = 'test-pod-ippool: podAffinity wants pod.label["app"] in {"test-app-3"}, but it is '
NODE = 'test-node1-ippool: {} wants {} in {{"node1"}}, but it is "{}"'
NS = 'test-ns1-ippool: {} wants {} in {{"test-ns1"}}, but it is "test-ns2"'
HOSTNAME = 'node.label["kubernetes.io/hostname"]'
SCENARIOS = {
    "all-fields": Scenario(
        {"test-pod-ippool": 1},
        {"all-four-match": ["10.6.168.151/16"]},
        {
            "other-label": APP + '"test-app-4"',
            "other-node": 'nodeName wants node.name in {"master", "worker1"}, but it is "worker2"',
            "other-namespace": 'namespaceName wants namespace.name in {"default", "kube-system"}, but it is "team-a"',
            "other-network": 'multusName wants nic.network in {"kube-system/macvlan-vlan0"}, but it is "kube-system/macvlan-ens192"',
        },
    ),
    "app-affinity": Scenario(
        {"test-pod-ippool": 1},
        {"test-app-3-": ["10.6.168.151/16"]},
        {"test-unmatch-labels-": APP + '"test-unmatch-labels"'},
    ),
    "shared-pool": Scenario(
        {"shared-static-ipv4-ippool": 4},
        {
            "shared-static-ippool-deploy-1-": ["172.18.41.44/24", "172.18.41.45/24"],
            "shared-static-ippool-deploy-2-": ["172.18.41.46/24", "172.18.41.47/24"],
        },
    ),
    "node-affinity": Scenario(
        {"test-node1-ippool": 1},
        {"test-app-1-*node1": ["10.6.168.101/16"]},
        {
            "test-app-1-*master": NODE.format("nodeAffinity", HOSTNAME, "master"),
            "test-app-1-*node2": NODE.format("nodeAffinity", HOSTNAME, "node2"),
        },
    ),
    "node-name": Scenario(
        {"test-node1-ippool": 1},
        {"test-app-1-*node1": ["10.6.168.101/16"]},
        {
            "test-app-1-*master": NODE.format("nodeName", "node.name", "master"),
            "test-app-1-*node2": NODE.format("nodeName", "node.name", "node2"),
        },
    ),
    "namespace-affinity": Scenario(
        {"test-ns1-ippool": 1},
        {"test-app-2-": ["10.6.168.111/16"]},
        {
            "test-other-ns-": NS.format(
                "namespaceAffinity", 'namespace.label["kubernetes.io/metadata.name"]'
            )
        },
    ),
    "namespace-name": Scenario(
        {"test-ns1-ippool": 1},
        {"test-app-2-": ["10.6.168.111/16"]},
        {"test-other-ns-": NS.format("namespaceName", "namespace.name")},
    ),
    "network-affinity": Scenario(
        {"test-ippool-eth0": 1, "test-ippool-eth1": 1},
        {"test-app-": ["10.6.168.151/16", "10.7.168.151/16"]},
    ),
}


def key_of(pod: PodFacts, keys: dict[str, object]) -> str | None:
    for key in keys:
        start, _, node = key.partition("*")
        if pod.name.startswith(start) and node in ("", pod.node_name):
            return key
    return None


def args_of(pod: PodFacts) -> str:
    return (
        f"IgnoreUnknown=1;K8S_POD_NAMESPACE={pod.namespace};K8S_POD_NAME={pod.name};"
        f"K8S_POD_INFRA_CONTAINER_ID=c-{pod.name};K8S_POD_UID={pod.uid}"
    )


def test_every_example_is_a_scenario() -> None:
    assert {path.name for path in SEED.iterdir() if path.is_dir()} == set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_seeds_scenario_holds_for_real_interfaces(lab: Lab, name: str) -> None:
    scenario = SCENARIOS[name]
    lab.done("apply", "-f", SEED / name)
    lab.done("config", "set", "node_binding", "off")  # one store stands for several nodes here
    pods = pods_of(SEED / name)
    for pod in pods:
        lab.done("apply", "-f", "-", stdin=manifest_of(pod))
    got: dict[str, list[str]] = {}
    refused: dict[str, str] = {}
    with namespaces(len(pods)) as spaces:
        for pod, netns in zip(pods, spaces, strict=True):
            for nic in nic_names(pod.annotations):
                network = lab.network(pod.node_name)
                call = lab.cni(
                    "ADD", network, f"c-{pod.name}", f"/var/run/netns/{netns}", nic, args_of(pod)
                )
                answer = json.loads(call.stdout)
                if call.returncode:
                    key = key_of(pod, dict(scenario.refused))
                    assert key is not None, f"{pod.name} is refused: {answer['msg']}"
                    assert answer["code"] == 101
                    refused[key] = answer["msg"]
                    assert lab.addresses(netns, nic) == []
                else:
                    key = key_of(pod, dict(scenario.addresses))
                    assert key is not None, f"{pod.name} gets {answer['ips']}"
                    carried = lab.addresses(netns, nic)
                    assert carried == [ip["address"] for ip in answer["ips"]]
                    got.setdefault(key, []).extend(carried)
        assert got == scenario.addresses
        assert set(refused) == set(scenario.refused)
        for key, reason in scenario.refused.items():
            assert reason in refused[key]
        assert lab.counts() == scenario.counts
        for pod, netns in zip(pods, spaces, strict=True):
            for nic in nic_names(pod.annotations):
                call = lab.cni(
                    "DEL",
                    lab.network(pod.node_name),
                    f"c-{pod.name}",
                    f"/var/run/netns/{netns}",
                    nic,
                )
                assert (call.returncode, call.stdout) == (0, "")
    assert set(lab.counts().values()) == {0}
