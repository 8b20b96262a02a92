"""The installed plugin runs from one file of modules, and from the packages where that is stale."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ipam.bundle import PACKAGES
from tests.ipam.calls import REPOSITORY, environment, k8s, make_store, namespace, network, pod, pool

WORLD = pool("p", "10.0.0.1-10.0.0.9", default=True) + namespace("default") + pod("web")
CHANGED = "\nimport sys\nsys.stderr.write('the packages were read')\n"


class Installed:
    """A copy of the packages, the plugin installed from it, and a store."""

    def __init__(self, folder: Path) -> None:
        self.home, self.bin_dir = folder / "home", folder / "bin"
        self.bin_dir.mkdir()
        hidden = shutil.ignore_patterns("__pycache__", "client")
        for package in PACKAGES:
            shutil.copytree(REPOSITORY / package, self.home / package, ignore=hidden)
        code = f"from ipam.install import install_embedded; install_embedded({str(self.bin_dir)!r})"
        subprocess.run([sys.executable, "-c", code], cwd=self.home, check=True)
        self.modules = self.bin_dir / ".poolweaver.modules"
        self.db = make_store(folder / "ipam.db", WORLD)

    def call(self, verb: str, container: str = "c1") -> tuple[int, Any, str]:
        """One call of the installed plugin."""
        done = subprocess.run(
            [self.bin_dir / "poolweaver"],
            input=json.dumps(network(self.db, "1.1.0")),
            env={**environment(verb, container, args=k8s("web", uid="u1")), "PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    def change(self, module: str, text: str) -> None:
        """A module as an upgrade would write it: a new file in its place."""
        path = self.home / module
        scratch = path.with_suffix(".new")
        scratch.write_text(path.read_text() + text)
        scratch.replace(path)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def test_calls_read_no_package(installed: Installed) -> None:
    for folder in (path for path in installed.home.rglob("*") if path.is_dir()):
        times = folder.stat()
        for source in folder.glob("*.py"):
            source.unlink()
        os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))
    for _ in range(2):
        code, answer, err = installed.call("ADD")
        assert code == 0, err
        assert answer["ips"] == [{"address": "10.0.0.1/16"}]
    assert installed.call("ADD", "c2")[0] == 0, "another sandbox of the Pod"
    assert installed.call("CHECK", "c2")[:2] == (0, None)
    assert installed.call("DEL", "c2")[:2] == (0, None)


def test_after_an_upgrade_the_new_code_runs(installed: Installed) -> None:
    assert "the packages were read" not in installed.call("ADD")[2]
    installed.change("store/leases.py", CHANGED)
    code, _, err = installed.call("ADD")
    assert code == 0
    assert "the packages were read" in err


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xe3", None])
def test_without_its_modules_the_plugin_runs_from_the_packages(
    installed: Installed, damage: bytes | None
) -> None:
    if damage is None:
        installed.modules.unlink()
    else:
        installed.modules.write_bytes(damage)
    installed.change("store/leases.py", CHANGED)
    code, _, err = installed.call("ADD")
    assert code == 0
    assert "the packages were read" in err
