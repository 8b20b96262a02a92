"""The agent's log: JSON lines with stable keys, one a request."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ipam.agent.log import AgentLog
from ipam.log import Log
from tests.ipam.agent.clients import running
from tests.ipam.calls import environment, k8s, make_store, namespace, pod, pool

WORLD = (
    pool("p", "10.0.0.1-10.0.0.9", default=True)
    + pool("six", "fd00::1-fd00::9", "fd00::/64", default=True)
    + namespace("default")
    + pod("web")
)
OF_REQUEST = [
    *("time", "level", "message", "verb", "outcome", "pod", "container", "ifname"),
    *("addresses", "seconds"),
]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", WORLD)


def told(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line[key] for key in OF_REQUEST if key not in ("time", "message", "seconds"))


def test_each_request_has_one_line_with_the_same_keys(db: Path) -> None:
    with running(db, "--pod-wait", "0") as agent:
        agent.ask(environment("ADD", args=k8s("web")))
        agent.ask(environment("ADD", "c2", "net1", args=k8s("nobody", "shop")))
        agent.ask(environment("DEL"))
        agent.ask({"CNI_COMMAND": "STATUS"})
        agent.ask({})
        first, *lines, last = agent.stop()
    assert list(first) == list(last) == ["time", "level", "message"]
    assert first["message"] == f"the agent serves {db} on {agent.path}"
    assert last["message"] == "the agent has stopped; every call it took is answered"
    assert all(list(line) == OF_REQUEST for line in lines)
    got = ["10.0.0.1/16", "fd00::1/64"]
    assert [told(line) for line in lines] == [
        ("info", "ADD", "ok", "default/web", "c1", "eth0", got),
        ("error", "ADD", "unknown-facts", "shop/nobody", "c2", "net1", []),
        ("info", "DEL", "ok", "", "c1", "eth0", got),
        ("info", "STATUS", "ok", "", "", "", []),
        ("error", "", "invalid-cni-environment", "", "", "", []),
    ]
    assert [line["message"] for line in lines[:4:2]] == [
        "ADD: 10.0.0.1/16 of p to default/web (claimed); "
        "ADD: fd00::1/64 of six to default/web (claimed)",
        "DEL: 10.0.0.1/16 of p is let go of; DEL: fd00::1/64 of six is let go of",
    ]
    assert lines[1]["message"].startswith("ADD: unknown-facts: pod shop/nobody is not known")
    assert lines[3]["message"] == "STATUS: ok"
    assert all(0 < line["seconds"] < 60 for line in lines)


def test_a_warning_stands_beside_the_line_of_its_request(db: Path) -> None:
    with running(db) as agent:
        ipam = {"type": "poolweaver", "node_name": "node1", "colour": "red"}
        agent.ask(environment("ADD"), ipam=ipam)
        lines = [line for line in agent.stop() if line.get("verb")]
    assert [(line["level"], line.get("outcome")) for line in lines] == [
        ("warn", None),
        ("info", "ok"),
    ]
    assert lines[0]["message"] == "unknown key `ipam.colour` in network `net0` is ignored"
    assert lines[0]["container"] == "c1"


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        ("debug", ["info", "info", "error", "info"]),
        ("info", ["info", "info", "error", "info"]),
        ("warn", ["error"]),
        ("error", ["error"]),
    ],
)
def test_the_level_says_what_is_written(db: Path, level: str, levels: list[str]) -> None:
    with running(db, "--log-level", level, "--pod-wait", "0") as agent:
        agent.ask(environment("ADD"))
        agent.ask(environment("ADD", "c2", args=k8s("nobody")))
        assert [line["level"] for line in agent.stop()] == levels


def test_what_was_done_and_undone_is_not_said_to_be_done() -> None:
    out = io.StringIO()
    log = AgentLog("info", out)
    done = log.of({"CNI_COMMAND": "ADD"})
    done.write("info", "ADD: 10.0.0.1/16 of p to default/web (claimed)", "10.0.0.1/16")
    log.flush()
    assert out.getvalue() == "", "nothing before the call is answered"
    undone = log.of({"CNI_COMMAND": "ADD"})
    undone.write("error", "ADD: store-full: no space is left")
    undone.answered("store-full", 0.25)
    log.flush()
    (line,) = map(json.loads, out.getvalue().splitlines())
    assert line["message"] == "ADD: store-full: no space is left"
    assert (line["addresses"], line["seconds"]) == ([], 0.25)


@pytest.mark.parametrize("arguments", [";;=;K8S_POD_NAME", "\n{}", "K8S_POD_NAME=", "\udcff=1"])
def test_arguments_that_make_no_sense_break_no_line(arguments: str) -> None:
    out = io.StringIO()
    log = AgentLog("info", out)
    log.of({"CNI_ARGS": arguments, "CNI_IFNAME": "\n\udcff"}).answered("ok", 1)
    log.flush()
    (line,) = out.getvalue().splitlines()
    assert json.loads(line)["pod"] == ""


def test_a_log_that_cannot_be_written_is_no_error() -> None:
    closed = io.StringIO()
    closed.close()
    AgentLog("info", closed).write("error", "lost")


def test_the_plugin_log_takes_the_same_calls(tmp_path: Path) -> None:
    file = tmp_path / "log"
    log = Log()
    log.configure(str(file), "info")
    log.write("info", "one", "10.0.0.1/16")
    assert file.read_text().endswith(" info one\n")
