"""The client under test: as it was installed, or compiled for a test with other settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SHIM = REPOSITORY / "shim"
WARNINGS = ("-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror")
SANITIZERS = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def installed() -> Path:
    """The client that the installation built for this machine."""
    client = REPOSITORY / "ipam" / "client" / f"poolweaver-{os.uname().machine}"
    if not client.exists():
        pytest.skip("the client is not built: `pip install --editable .` builds it")
    return client


def compiled(folder: Path, *flags: str, sources: Sequence[Path] = ()) -> Path:
    """A client compiled by clang with these flags."""
    compiler = shutil.which("clang")
    if compiler is None:
        pytest.skip("clang is not there (Debian: clang)")
    target = folder / "client"
    given = sources or (SHIM / "json.c", SHIM / "poolweaver.c")
    command = [compiler, *WARNINGS, *flags, "-I", str(SHIM), "-o", str(target), *map(str, given)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def call(
    client: Path, env: Mapping[str, str], stdin: bytes, seconds: float = 120
) -> tuple[int, bytes, bytes]:
    """(exit code, standard output, standard error) of one call."""
    done = subprocess.run(
        [str(client)], env=dict(env), input=stdin, capture_output=True, timeout=seconds, check=False
    )
    return done.returncode, done.stdout, done.stderr
