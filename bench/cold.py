"""Whole-process times of the embedded plugin and the command line, against a bare interpreter.

    python -m bench.cold [--rounds N]

Variants take turns, so that a noisy machine hits all of them alike. The ratio of medians is the
figure to trust; milliseconds are for orientation.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ipam.apply import apply
from ipam.install import install_embedded
from store.create import create_store

BARE = [sys.executable, "-I", "-S", "-c", "pass"]
POOL = {
    "apiVersion": "spiderpool.spidernet.io/v2beta1",
    "kind": "SpiderIPPool",
    "metadata": {"name": "p"},
    "spec": {
        "subnet": "10.0.0.0/8",
        "ips": ["10.0.0.1-10.200.0.0"],
        "podAffinity": {"matchLabels": {"app": "web"}},
    },
}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web",
        "labels": {"app": "web"},
        "annotations": {"ipam.spidernet.io/ippool": '{"ipv4": ["p"]}'},
    },
}


def run(command: list[str], stdin: str = "", env: dict[str, str] | None = None) -> float:
    """Seconds of one process; `RuntimeError` with its output if it fails."""
    started = time.perf_counter()
    done = subprocess.run(
        command, input=stdin, env=env, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return seconds


def variants(folder: Path) -> dict[str, Callable[[int], float]]:
    """What is measured, by name; each takes the number of the round."""
    db = folder / "ipam.db"
    with create_store(db) as store:
        store.settings.set("quarantine_seconds", "0")
        apply(store, [("bench", json.dumps(one).encode()) for one in (POOL,)], 1)
        apply(store, [("bench", json.dumps(one).encode()) for one in (POD,)], 1)
    plugin = install_embedded(str(folder))
    config = {
        "cniVersion": "1.0.0",
        "name": "bench",
        "type": "bridge",
        "ipam": {"type": "poolweaver", "db": str(db), "node_name": "n1", "log_level": "error"},
    }

    def cni(verb: str, number: int) -> float:
        environment = {
            "CNI_COMMAND": verb,
            "CNI_CONTAINERID": f"c{number}",
            "CNI_NETNS": "/var/run/netns/none",
            "CNI_IFNAME": "eth0",
            "CNI_PATH": str(folder),
            "CNI_ARGS": "K8S_POD_NAMESPACE=default;K8S_POD_NAME=web",
            "PATH": os.environ["PATH"],
        }
        return run([plugin], json.dumps(config), environment)

    return {
        "bare interpreter": lambda _: run(BARE),
        "embedded ADD": lambda number: cni("ADD", number),
        "embedded DEL": lambda number: cni("DEL", number),
        "poolweaver --help": lambda _: run([sys.executable, "-m", "cli.main", "--help"]),
        "poolweaver explain": lambda _: run(
            [
                sys.executable,
                "-m",
                "cli.main",
                "--db",
                str(db),
                "explain",
                "pod",
                "web",
                "--node",
                "n1",
            ]
        ),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        measured = variants(Path(folder))
        seconds: dict[str, list[float]] = {name: [] for name in measured}
        for number in range(rounds + 1):
            for name, variant in measured.items():
                seconds[name].append(variant(number))
    base = statistics.median(seconds["bare interpreter"][1:])
    print(f"{'variant':<20} {'median ms':>9} {'ratio':>6}   ({rounds} rounds, the first left out)")
    for name, values in seconds.items():
        median = statistics.median(values[1:])
        print(f"{name:<20} {median * 1000:>9.1f} {median / base:>6.2f}")


if __name__ == "__main__":
    main()
