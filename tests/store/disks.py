"""Small disks of their own: file systems in memory, where this machine lets us mount them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, size: str = "4m") -> Iterator[Path]:
    """A file system of this size at `folder`, which is made; the test is skipped where it cannot be."""
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a file system is not allowed here: it needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, option: str) -> None:
    """Mounts it anew with `ro`, `rw` or `size=...`."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)


def fill_up(folder: Path, leave_bytes: int = 0) -> Path:
    """A file that takes all room but for about this much; delete it to have the room back."""
    ballast = folder / "ballast"
    state = os.statvfs(folder)
    ballast.write_bytes(b"x" * max(state.f_bavail * state.f_frsize - leave_bytes, 0))
    return ballast
