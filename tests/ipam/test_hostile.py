"""What a careless or hostile environment does to a call: one JSON document, a right code, no lease."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store.store import open_store
from tests.ipam.calls import (
    REPOSITORY,
    call,
    environment,
    k8s,
    make_store,
    namespace,
    network,
    pod,
    pool,
)

POOL = pool("p", "10.0.0.1-10.0.0.9")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", POOL + pod("web", ["p"]))


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_a_log_that_cannot_be_written_does_not_change_the_answer(db: Path, stderr: str) -> None:
    code = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from ipam.plugin import main; sys.exit(main())"
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -I -S -c "$1" {stderr}', sys.executable, code],
        input=json.dumps(network(db)),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], **environment("ADD", args=k8s("web"))},
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["ips"] == [{"address": "10.0.0.1/16"}]


@pytest.mark.parametrize("name", ["/nowhere/log", "/tmp/\0", "/tmp/\ud800"])
def test_a_log_file_that_cannot_be_does_not_fail_the_call(db: Path, name: str) -> None:
    code, answer, _ = call(environment("ADD", args=k8s("web")), network(db, log_file=name))
    if name == "/nowhere/log":
        assert (code, answer["ips"]) == (0, [{"address": "10.0.0.1/16"}])
    else:
        assert (code, answer["code"]) == (1, 6)
        assert held(db) == 0


@pytest.mark.parametrize(
    ("config", "args", "code"),
    [
        ({"default_ipv4_ippool": ["\ud800"]}, "", 6),
        ({"node_name": "\ud800"}, "", 6),
        ({"default_ipv6_ippool": ["a\0b"]}, "", 6),
        ({}, "K8S_POD_NAME=\udcff", 4),
    ],
)
def test_text_that_is_no_text_gets_the_code_of_its_place(
    db: Path, config: dict[str, Any], args: str, code: int
) -> None:
    exit_code, error, _ = call(environment("ADD", args=args), network(db, **config))
    assert (exit_code, error["code"]) == (1, code)
    assert "internal error" not in error["msg"]
    assert held(db) == 0


def test_a_pod_with_broken_escapes_is_an_annotation_error(tmp_path: Path) -> None:
    manifest = pod("web", ["p"]).replace('[\\"p\\"]', '[\\"\\\\ud800\\"]')
    assert "ud800" in manifest
    db = make_store(tmp_path / "ipam.db", POOL + manifest)
    exit_code, error, _ = call(environment("ADD", args=k8s("web")), network(db))
    assert (exit_code, error["code"]) == (1, 102)


def held(db: Path) -> int:
    with open_store(str(db)) as store:
        return store.pools.usage(["p"])["p"].allocated


def test_an_undecided_pool_stops_the_claim_before_a_lesser_one(tmp_path: Path) -> None:
    """The best pool is full, the next needs a Node that is not known: the last is not taken."""
    affinity = {"matchLabels": {"zone": "a"}}
    world = (
        pool("a", "10.0.0.1", podAffinity={"matchLabels": {"app": "web"}})
        + pool("b", "10.0.0.2", nodeAffinity=affinity)
        + pool("c", "10.0.0.3")
        + pod("one", ["a"], app="web")
        + pod("two", ["a", "b", "c"], app="web")
    )
    db = make_store(tmp_path / "ipam.db", world)
    assert call(environment("ADD", "c1", args=k8s("one")), network(db))[0] == 0
    code, error, _ = call(environment("ADD", "c2", args=k8s("two")), network(db))
    assert (code, error["code"]) == (1, 11)
    assert "node node1 is not known" in error["msg"]
    with open_store(str(db)) as store:
        assert store.pools.usage(["c"])["c"].allocated == 0


def test_an_add_that_fails_binds_the_store_to_no_node(db: Path) -> None:
    typo = network(db, node_name="typo")
    assert call(environment("ADD", args=k8s("ghost")), typo)[0] == 1
    assert call(environment("ADD", args=k8s("web")), network(db))[0] == 0
    with open_store(str(db)) as store:
        assert store.settings.bound_node() == "node1"


def test_switching_the_binding_off_forgets_the_node(db: Path) -> None:
    assert call(environment("ADD", args=k8s("web")), network(db))[0] == 0
    with open_store(str(db)) as store:
        store.settings.set("node_binding", "off")
        store.settings.set("node_binding", "on")
    assert call(environment("ADD", "c2", args=k8s("web")), network(db, node_name="node2"))[0] == 0


def test_a_bad_edit_of_the_configuration_does_not_block_del(db: Path) -> None:
    assert call(environment("ADD", args=k8s("web")), network(db))[0] == 0
    broken = network(db, log_level="silly", default_ipv4_ippool="x", match_master_subnet=True)
    assert call(environment("DEL", args=k8s("web")), broken)[:2] == (0, None)
    assert held(db) == 0


@pytest.mark.parametrize("previous", [{"ips": []}, {}, {"ips": [{"address": "10.0.0.9/16"}]}])
def test_check_fails_where_prev_result_lacks_the_lease(db: Path, previous: object) -> None:
    assert call(environment("ADD", args=k8s("web")), network(db))[0] == 0
    config = {**network(db), "prevResult": previous}
    code, error, _ = call(environment("CHECK", args=k8s("web")), config)
    assert (code, error["code"]) == (1, 105)
    code, error, _ = call(environment("CHECK", args=k8s("web")), {**config, "prevResult": "x"})
    assert (code, error["code"]) == (1, 7)


def test_errors_answer_in_the_version_of_the_call(db: Path) -> None:
    env = {k: v for k, v in environment("ADD").items() if k != "CNI_NETNS"}
    assert call(env, network(db, "0.4.0"))[1]["cniVersion"] == "0.4.0"


def test_default_pools_of_a_family_that_is_off_are_named_as_such(tmp_path: Path) -> None:
    world = pool("p", "10.0.0.1", default=True) + pod("web") + namespace("default")
    db = make_store(tmp_path / "ipam.db", world)
    with open_store(str(db)) as store:
        store.settings.set("enable_ipv4", "off")
    _, error, _ = call(environment("ADD", args=k8s("web")), network(db))
    assert error["msg"] == (
        "no pool is named for the Pod, and no IPv6 pool has `spec.default: true`"
    )
