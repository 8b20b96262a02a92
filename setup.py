"""Builds the static CNI client of shim/ into ipam/client/, one file for each kind of machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
MACHINES = ("x86_64", "aarch64")
FLAGS = ("-static", "-Os", "-s", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror")


def build_client(machine: str) -> None:
    """Compile the client for a machine (named as by `uname -m`), unless its source is older."""
    sources = sorted((HERE / "shim").glob("*.c"))
    target = HERE / "ipam" / "client" / f"poolweaver-{machine}"
    newest = max(path.stat().st_mtime for path in (HERE / "shim").glob("*.[ch]"))
    if target.exists() and target.stat().st_mtime > newest:
        return
    target.parent.mkdir(exist_ok=True)
    scratch = target.with_suffix(".new")
    command = [sys.executable, "-m", "ziglang", "cc", "-target", f"{machine}-linux-musl", *FLAGS]
    subprocess.run([*command, "-o", str(scratch), *map(str, sources)], check=True)  # noqa: S603
    scratch.replace(target)


class BuildWithClient(build_py):
    """`build_py`, with the client built first so that it is among the package's data."""

    def run(self) -> None:
        """Build."""
        for machine in MACHINES:
            build_client(machine)
        super().run()


setup(cmdclass={"build_py": BuildWithClient})
