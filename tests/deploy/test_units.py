"""The systemd units: systemd reads them, and what they say agrees with the program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cli.agent import command
from ipam.agent.listening import BACKLOG
from ipam.agent.loop import Limits
from ipam.places import AGENT_SOCKET, ROOT_DB
from tests.docs.console import ROOT
from tests.ipam.agent.clients import running_as
from tests.ipam.calls import environment, k8s, make_store, namespace, pod, pool

DEPLOY = ROOT / "deploy"
SERVICE, SOCKET = "poolweaver-agent.service", "poolweaver-agent.socket"


def settings(unit: str) -> dict[str, list[str]]:
    """The values of each key, of all sections together."""
    found: dict[str, list[str]] = {}
    text = (DEPLOY / unit).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(" ".join(value.split()))
    return found


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    for unit in (SERVICE, SOCKET):
        text = (DEPLOY / unit).read_text(encoding="utf-8")
        # the program itself is not installed where tests run
        (tmp_path / unit).write_text(text.replace("/usr/local/bin/poolweaver", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / u for u in (SERVICE, SOCKET))],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_agree_with_the_program() -> None:
    service, listening = settings(SERVICE), settings(SOCKET)
    assert listening["ListenStream"] == [AGENT_SOCKET]
    assert listening["SocketMode"] == ["0600"]
    assert listening["Backlog"] == [str(BACKLOG)]
    assert service["Type"] == ["notify"]
    assert service["Restart"] == ["always"]
    assert service["StartLimitIntervalSec"] == ["0"], "or systemd gives up after a few"
    assert f"--db {ROOT_DB} agent" in service["ExecStart"][0]
    assert service["StateDirectory"] == [Path(ROOT_DB).parent.name]
    assert service["RuntimeDirectory"] == [Path(AGENT_SOCKET).parent.name]
    (stop,) = service["TimeoutStopSec"]
    assert int(stop) > Limits().deadline_seconds, "who was taken is answered before it is killed"


def test_the_command_of_the_service_is_one_that_the_program_takes() -> None:
    (start,) = settings(SERVICE)["ExecStart"]
    words = start.partition(" agent ")[2].split()
    command.make_context("agent", words, resilient_parsing=False)


def test_the_agent_works_without_any_capability(tmp_path: Path) -> None:
    """As `CapabilityBoundingSet=`, `NoNewPrivileges=` and `UMask=` of the service have it."""
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed (Debian: util-linux)")
    assert settings(SERVICE)["CapabilityBoundingSet"] == [""]
    world = pool("p", "10.0.0.1", default=True) + namespace("default") + pod("web")
    db = make_store(tmp_path / "ipam.db", world)
    bare = ["setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
    metrics = f"unix:{tmp_path / 'metrics.sock'}"
    with running_as(bare, db, "--metrics", metrics) as agent:
        assert agent.ask(environment("ADD", args=k8s("web")))[0] == 0
        assert agent.ask(environment("DEL"))[0] == 0
        agent.stop()
        assert agent.process.returncode == 0
