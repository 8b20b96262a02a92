"""Waiting until a file changes, by looking at the times of files again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from cli.inputs import SUFFIXES

POLL_SECONDS = 0.25

# file name -> (time of its last change in nanoseconds, size, inode)
Stamps = dict[str, tuple[int, int, int]]


def wait_for_change(paths: Sequence[str], before: Stamps) -> None:
    """Returns once the stamps of the paths are others than `before`; never otherwise."""
    while stamps(paths) == before:
        time.sleep(POLL_SECONDS)


def stamps(paths: Sequence[str]) -> Stamps:
    """What tells each manifest in and below the paths from a changed one."""
    found: Stamps = {}
    for file in _files(paths):
        try:
            status = file.stat()
        except OSError:
            continue  # gone between listing and looking; an editor may be saving it
        found[str(file)] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def _files(paths: Sequence[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from (p for p in path.rglob("*") if p.suffix in SUFFIXES)
        else:
            yield path
