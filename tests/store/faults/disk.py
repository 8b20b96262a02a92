"""Builds `disk.c`, starts interpreters behind it, and talks to it from inside one."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("disk.c")
ROOT = Path(__file__).resolve().parents[3]
COMPILER = shutil.which("cc")


def build(folder: Path) -> Path:
    """The shared object, compiled into `folder`."""
    assert COMPILER
    library = folder / "disk.so"
    flags = ["-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]
    subprocess.run([COMPILER, *flags, "-o", library, SOURCE, "-ldl"], check=True, timeout=120)
    return library


def run(
    library: Path, folder: Path, module: str, *arguments: object, record: Path | None = None
) -> Any:
    """What a module prints that runs behind the disk; its files in `folder` are watched."""
    environment = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "DISK_FOLDER": str(folder),
        **({"DISK_RECORD": str(record)} if record else {}),
    }
    done = subprocess.run(
        [sys.executable, "-B", "-m", module, str(folder), *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Disk:
    """The disk as a program behind it sees it."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

    def arm(
        self,
        nth: int,
        error: int,
        *,
        sticky: bool = False,
        part: bool = False,
        reading: bool = False,
    ) -> None:
        """Let the nth call on a watched file fail from now on; 0: none. See `disk.c`."""
        self._library.disk_arm(ctypes.c_long(nth), error, int(sticky), int(part), int(reading))

    def heal(self) -> int:
        """No call fails any more; how many there were since `arm`."""
        calls = int(self._library.disk_calls())
        self.arm(0, 0)
        return calls
