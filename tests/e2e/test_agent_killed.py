"""The agent is killed while containers start: no address twice, and what leaks is found."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import pytest

from store.repair import check
from store.store import open_store
from tests.chance import seed
from tests.e2e.lab import AgentLab, namespaces, needs
from tests.e2e.podman import Podman
from tests.e2e.test_podman import MANIFESTS, pod
from tests.soak import scaled

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("podman"),
    needs("podman", "runc", "busybox"),
]

Result = TypeVar("Result")
POOL = """
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: lab
  annotations: {poolweaver.io/quarantine-seconds: "0"}
spec: {subnet: 10.63.0.0/16, ips: [10.63.1.0-10.63.3.255], default: true}
"""
CONTAINERS = scaled(200, 1000)
STARTS = scaled(8, 500)


@contextmanager
def killed_again_and_again(lab: AgentLab, seconds: tuple[float, float]) -> Iterator[list[int]]:
    """The agent is killed and started anew, at random moments, until the block ends."""
    chance = random.Random(seed())
    done, kills = threading.Event(), [0]

    def kill() -> None:
        while True:  # at least once, however fast the machine is
            lab.kill_agent()
            kills[0] += 1
            lab.start_agent()
            if done.wait(chance.uniform(*seconds)):
                return

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield kills
    finally:
        done.set()
        thread.join()


def until_it_succeeds(attempt: Callable[[], Result | None]) -> Result:
    """What a kubelet does: again, with a moment between."""
    for _ in range(200):
        found = attempt()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("it never succeeded")


def test_interfaces_get_an_address_each_and_a_leak_is_collected(agent_lab: AgentLab) -> None:
    lab = agent_lab
    lab.done("apply", "-f", "-", stdin=POOL)
    network = {**lab.network(), "cniVersion": "1.0.0"}

    def start(number: int, netns: str) -> tuple[str, str]:
        """(container, its address): each failed sandbox is torn down, and another one made."""

        def attempt() -> tuple[str, str] | None:
            container = f"s{number}-{uuid.uuid4().hex[:8]}"
            call = lab.cni("ADD", network, container, f"/var/run/netns/{netns}")
            if call.returncode == 0:
                return container, json.loads(call.stdout)["ips"][0]["address"]
            assert json.loads(call.stdout)["code"] in (11, 999), call.stdout
            lab.cni("DEL", network, container, f"/var/run/netns/{netns}")
            return None

        return until_it_succeeds(attempt)

    with namespaces(CONTAINERS) as spaces, killed_again_and_again(lab, (0.02, 0.3)) as kills:
        with ThreadPoolExecutor(8) as starters:
            started = list(starters.map(start, range(CONTAINERS), spaces))
        assert_addresses(lab, spaces, [address for _, address in started])
    assert kills[0] > 0
    assert_whole(lab, {container for container, _ in started})


def assert_addresses(lab: AgentLab, spaces: Sequence[str], given: Sequence[str]) -> None:
    assert len(set(given)) == len(given)
    assert [lab.addresses(netns, "eth0") for netns in spaces] == [[one] for one in given]


def assert_whole(lab: AgentLab, living: set[str]) -> None:
    """What is held beyond the living is what GC collects, and nothing of the living goes."""
    attachments = [{"containerID": one, "ifname": "eth0"} for one in sorted(living)]
    network = {**lab.network(), "cniVersion": "1.1.0", "cni.dev/valid-attachments": attachments}
    collected = until_it_succeeds(
        lambda: lab.cni("GC", network, "", "", "", plugin="poolweaver").returncode == 0 or None
    )
    assert collected
    with open_store(str(lab.db)) as store:
        assert check(store) == []
        held = {lease.attachment.container_id for lease in store.leases.by_pool("lab")}
    assert held == living


def test_containers_of_podman_start_while_the_agent_is_killed(
    agent_lab: AgentLab, agent_podman: Podman
) -> None:
    lab = agent_lab
    lab.done("apply", "-f", "-", stdin=MANIFESTS.replace("10.61.0.19", "10.61.9.255"))
    names = [f"web-{number}-{uuid.uuid4().hex[:6]}" for number in range(STARTS)]
    for name in names:
        lab.done("apply", "-f", "-", stdin=pod(name, "web"))

    def start(name: str) -> str:
        def attempt() -> str | None:
            if agent_podman.start(name).returncode == 0:
                return agent_podman.inside(name, "ip", "-4", "addr", "show", "dev", "eth0")
            agent_podman("rm", "--force", "--time", "0", name)
            return None

        return until_it_succeeds(attempt)

    with killed_again_and_again(lab, (0.2, 1.5)) as kills:
        shown = [start(name) for name in names]
    addresses = {text.partition("inet ")[2].partition("/")[0] for text in shown}
    assert len(addresses) == STARTS, "an address each"
    assert kills[0] > 0
    with open_store(str(lab.db)) as store:
        assert check(store) == []
        held = {
            lease.holder.pod_name
            for lease in store.leases.by_pool("web-pool")
            if lease.state == "bound"
        }
    assert set(names) <= held
