"""GC: what the runtime does not list is let go of, within one network of one node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.leases import BOUND, KEPT, RESTING
from store.store import open_store
from tests.ipam import stateful
from tests.ipam.calls import call, environment, k8s, make_store, namespace, network, pod, pool

WORLD = pool("p", "10.0.0.1-10.0.0.9", default=True) + namespace("default") + pod("web")
Pair = tuple[str, str]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", WORLD)


def add(db: Path, container: str, ifname: str = "eth0", name: str = "net0") -> None:
    config = {**network(db, "1.1.0"), "name": name}
    code, answer, err = call(environment("ADD", container, ifname), config)
    assert code == 0, (answer, err)


def collect(db: Path, *valid: Pair, name: str = "net0", **ipam: object) -> tuple[int, Any, str]:
    listed = [{"containerID": container, "ifname": ifname} for container, ifname in valid]
    config = {**network(db, "1.1.0", **ipam), "name": name, "cni.dev/valid-attachments": listed}
    return call({"CNI_COMMAND": "GC", "CNI_PATH": "/opt/cni/bin"}, config)


def states(db: Path) -> dict[Pair, str]:
    with open_store(str(db)) as store:
        leases = store.leases.by_pool("p")
    return {(one.attachment.container_id, one.attachment.ifname): one.state for one in leases}


def test_what_is_listed_stays_and_what_is_not_rests(db: Path) -> None:
    for pair in (("a", "eth0"), ("a", "net1"), ("b", "eth0")):
        add(db, *pair)
    code, answer, err = collect(db, ("a", "eth0"))
    assert (code, answer) == (0, None)
    assert states(db) == {("a", "eth0"): BOUND, ("a", "net1"): RESTING, ("b", "eth0"): RESTING}
    assert err.count("info GC: 10.0.0.") == 2
    assert "info GC: 10.0.0.2/16 of p is let go of" in err


def test_an_empty_list_means_that_nothing_lives(db: Path) -> None:
    add(db, "a")
    assert collect(db)[:2] == (0, None)
    assert states(db) == {("a", "eth0"): RESTING}


def test_a_missing_list_is_refused_and_frees_nothing(db: Path) -> None:
    add(db, "a")
    env = {"CNI_COMMAND": "GC", "CNI_PATH": "/opt/cni/bin"}
    code, error, _ = call(env, network(db, "1.1.0"))
    assert (code, error["code"]) == (1, 7)
    assert error["msg"] == "GC came without `cni.dev/valid-attachments`"
    assert "an empty list means that none does" in error["details"]
    assert states(db) == {("a", "eth0"): BOUND}


@pytest.mark.parametrize(
    "listed",
    ["a", {"containerID": "a"}, [{"containerID": "a"}], ["a"], [{"containerID": 1, "ifname": "e"}]],
)
def test_a_list_in_another_shape_is_refused_and_frees_nothing(db: Path, listed: object) -> None:
    add(db, "a")
    env = {"CNI_COMMAND": "GC", "CNI_PATH": "/opt/cni/bin"}
    config = {**network(db, "1.1.0"), "cni.dev/valid-attachments": listed}
    code, error, _ = call(env, config)
    assert (code, error["code"]) == (1, 7)
    assert error["msg"] == "`cni.dev/valid-attachments` is not a list of attachments"
    assert states(db) == {("a", "eth0"): BOUND}


def test_other_networks_are_left_alone(db: Path) -> None:
    add(db, "a")
    add(db, "b", name="net1")
    assert collect(db, name="net1")[0] == 0
    assert states(db) == {("a", "eth0"): BOUND, ("b", "eth0"): RESTING}


def test_another_node_is_refused(db: Path) -> None:
    add(db, "a")
    code, error, _ = collect(db, node_name="node2")
    assert (code, error["code"]) == (1, 104)
    assert states(db) == {("a", "eth0"): BOUND}


def test_without_a_store_there_is_nothing_to_collect(tmp_path: Path) -> None:
    code, answer, err = collect(tmp_path / "none.db")
    assert (code, answer) == (0, None)
    assert "nothing to release" in err


def test_a_stateful_sets_pod_keeps_its_address(tmp_path: Path) -> None:
    world = (
        pool("p", "10.0.0.1-10.0.0.9")
        + stateful.stateful_set()
        + stateful.pod("db-0", pools=("p",))
    )
    db = make_store(tmp_path / "ipam.db", world)
    env = environment("ADD", "s1", args=k8s("db-0", "shop"))
    assert call(env, network(db, "1.1.0"))[0] == 0
    assert collect(db)[0] == 0
    assert states(db) == {("s1", "eth0"): KEPT}
