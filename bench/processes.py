"""Starting processes and reading what they print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.measuring import timed
from bench.worlds import network

BARE = [sys.executable, "-I", "-S", "-c", "pass"]


def run(command: Sequence[str], stdin: str = "", env: dict[str, str] | None = None) -> str:
    """What a process prints; `RuntimeError` with all of it if it fails."""
    done = subprocess.run(
        command, input=stdin, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def cni_environment(verb: str, container: str) -> dict[str, str]:
    """The environment that a container runtime gives to a plugin for Pod `default/web`."""
    return {
        "CNI_COMMAND": verb,
        "CNI_CONTAINERID": container,
        "CNI_NETNS": "/var/run/netns/none",
        "CNI_IFNAME": "eth0",
        "CNI_PATH": "/opt/cni/bin",
        "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web",
        "PATH": os.environ["PATH"],
    }


class Plugin:
    """An IPAM plugin with its configuration; each call is a process from start to end."""

    def __init__(self, executable: str, config: dict[str, object]) -> None:
        self._executable = executable
        self._config = json.dumps(config)

    def seconds(self, verb: str, container: str) -> float:
        """How long one call takes; `RuntimeError` with the CNI error if it fails."""
        environment = cni_environment(verb, container)
        return timed(lambda: run([self._executable], self._config, environment))


def embedded(executable: str, db: Path) -> Plugin:
    """Our own plugin on one store."""
    return Plugin(executable, network(db))
