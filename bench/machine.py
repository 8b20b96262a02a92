"""Where a run was made: what changes its figures, without names and without a date."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path


def describe(folder: Path) -> str:
    """One line: cores, processor kind, Python, SQLite, and the file system that `folder` is on."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} core{'s' if cores > 1 else ''} ({platform.machine()}), {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, files on {file_system(folder)}"
    )


def file_system(folder: Path) -> str:
    """The kind of file system under a folder, `ext4` for one: durable writes cost what it asks."""
    place = folder.resolve()
    kinds = {}
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, mounted, kind, *_ = line.split(" ")
        kinds[mounted] = kind
    for parent in (place, *place.parents):
        if str(parent) in kinds:
            return kinds[str(parent)]
    return "an unknown file system"
