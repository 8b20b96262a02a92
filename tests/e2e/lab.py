"""A laboratory: network namespaces, Debian's CNI plugins, and our plugin beside them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from store.create import create_store
from tests.ipam.agent.clients import wait_for_socket
from tests.shim.build import installed

PLUGINS = Path("/usr/lib/cni")
REPOSITORY = Path(__file__).resolve().parents[2]
SEED = REPOSITORY / "examples" / "seed"


def lacking(*programs: str) -> str:
    """What this machine lacks for a laboratory, or empty."""
    if os.geteuid() != 0:
        return "needs root, for network namespaces"
    if not (PLUGINS / "bridge").exists():
        return "needs Debian's containernetworking-plugins in /usr/lib/cni"
    missing = [program for program in ("ip", *programs) if shutil.which(program) is None]
    return f"needs {', '.join(missing)}" if missing else ""


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip, with the reason, where the machine lacks something."""
    reason = lacking(*programs)
    return pytest.mark.skipif(bool(reason), reason=reason or "nothing is missing")


def run(
    *command: str | Path, stdin: str = "", seconds: float = 120, **more: Any
) -> subprocess.CompletedProcess[str]:
    """The finished process, output captured as text."""
    return subprocess.run(
        [str(part) for part in command],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        **more,
    )


class Lab:
    """A store, a plugin folder and a bridge of one node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "state" / "ipam.db"
        self.bin_dir = folder / "bin"
        self.bin_dir.mkdir()
        self.bridge = f"pw{uuid.uuid4().hex[:8]}"
        for plugin in PLUGINS.glob("*"):
            (self.bin_dir / plugin.name).symlink_to(plugin)

    def install(self) -> None:
        """Put the plugin in place."""
        self.done("cni", "install", "--bin-dir", self.bin_dir)

    def ipam(self) -> dict[str, str]:
        """The keys of `ipam` that lead to this laboratory's store."""
        return {"type": "poolweaver", "db": str(self.db)}

    def poolweaver(
        self, *arguments: str | Path, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """The command line on this laboratory's store."""
        return run(
            sys.executable,
            "-m",
            "cli.main",
            "--db",
            self.db,
            *arguments,
            stdin=stdin,
            cwd=REPOSITORY,
        )

    def done(self, *arguments: str | Path, stdin: str = "") -> str:
        """The command line's standard output; fails the test unless it exits with 0."""
        result = self.poolweaver(*arguments, stdin=stdin)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def network(self, node: str = "node1", **ipam: object) -> dict[str, Any]:
        """A configuration of the bridge plugin with our IPAM."""
        return {
            "cniVersion": "0.4.0",
            "name": "lab",
            "type": "bridge",
            "bridge": self.bridge,
            "ipam": {**self.ipam(), "node_name": node, **ipam},
        }

    def cni(
        self,
        verb: str,
        network: dict[str, Any],
        container: str,
        netns: str,
        ifname: str = "eth0",
        args: str = "",
        plugin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """One call of a plugin (default: the one the network names)."""
        environment = {
            "CNI_COMMAND": verb,
            "CNI_CONTAINERID": container,
            "CNI_NETNS": netns,
            "CNI_IFNAME": ifname,
            "CNI_PATH": str(self.bin_dir),
            "CNI_ARGS": args,
            "PATH": os.environ["PATH"],
        }
        return run(
            self.bin_dir / (plugin or network["type"]), stdin=json.dumps(network), env=environment
        )

    def addresses(self, netns: str, ifname: str) -> list[str]:
        """The global addresses of an interface inside a network namespace, with prefix length."""
        shown = run("ip", "-n", netns, "-j", "addr", "show", "dev", ifname)
        if shown.returncode != 0:
            return []
        return [
            f"{info['local']}/{info['prefixlen']}"
            for link in json.loads(shown.stdout)
            for info in link.get("addr_info", [])
            if info["scope"] == "global"
        ]

    def counts(self) -> dict[str, int]:
        """Allocated addresses by pool."""
        listed = json.loads(self.done("get", "spiderippool", "-o", "json"))
        return {
            item["metadata"]["name"]: item["status"]["allocatedIPCount"] for item in listed["items"]
        }

    def close(self) -> None:
        """Take the bridge away."""
        run("ip", "link", "del", self.bridge)


class AgentLab(Lab):
    """A laboratory whose plugin is the static client of an agent."""

    def __init__(self, folder: Path) -> None:
        installed()  # skips where it is not built
        super().__init__(folder)
        self.socket = Path(tempfile.mkdtemp(prefix="pw")) / "agent.sock"
        self.agent: subprocess.Popen[str] | None = None

    def install(self) -> None:
        """Put the client in place, and start an agent on a new store."""
        self.done("cni", "install", "--mode", "agent", "--bin-dir", self.bin_dir)
        create_store(self.db).close()
        self.start_agent()

    def start_agent(self) -> None:
        """An agent that serves the store; it logs errors alone, into a file."""
        log = (self.folder / "agent.log").open("a")
        command = [sys.executable, "-P", "-m", "cli.main", "--db", str(self.db), "agent"]
        options = ["--socket", str(self.socket), "--log-level", "error", "--pod-wait", "0.2"]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        self.agent = subprocess.Popen([*command, *options], stderr=log, text=True, env=environment)
        log.close()
        wait_for_socket(self.socket, self.agent)

    def kill_agent(self) -> None:
        """End the agent without a word."""
        assert self.agent is not None
        self.agent.kill()
        self.agent.wait()

    def ipam(self) -> dict[str, str]:
        """The keys of `ipam` that lead to the agent."""
        return {"type": "poolweaver", "socket": str(self.socket)}

    def close(self) -> None:
        """End the agent, and take the bridge away."""
        if self.agent is not None:
            self.kill_agent()
        shutil.rmtree(self.socket.parent, ignore_errors=True)
        super().close()


@contextmanager
def namespaces(count: int) -> Iterator[Sequence[str]]:
    """Fresh network namespaces, by name; gone afterwards."""
    names = [f"pw{uuid.uuid4().hex[:10]}" for _ in range(count)]
    try:
        for name in names:
            assert run("ip", "netns", "add", name).returncode == 0
        yield names
    finally:
        for name in names:
            run("ip", "netns", "del", name)
