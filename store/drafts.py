"""Files that are made beside their place, and moved there whole.

A process that is killed leaves its draft. Whoever makes the next one in that folder removes it: the
system gives up the lock on a draft with the process that made it.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from store.file_modes import COMPANIONS

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def drafted(folder: Path, prefix: str) -> Iterator[Path]:
    """A new empty file `PREFIX...` in `folder`, private (0600); gone at the end unless moved away.

    With it go what SQLite keeps beside it, and before it those that a killed process left under
    the same prefix. OSError where it cannot be made.
    """
    with _locked(os.open(folder, os.O_RDONLY)):
        _remove_abandoned(folder, prefix)
        descriptor, name = tempfile.mkstemp(prefix=prefix, dir=folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield Path(name)
    finally:
        remove(name)
        os.close(descriptor)


def remove(name: str) -> None:
    """A database file and its companions are gone, as far as the file system lets them."""
    for companion in COMPANIONS:
        with suppress(OSError):
            os.unlink(name + companion)  # noqa: PTH108 - a name with a suffix


def _remove_abandoned(folder: Path, prefix: str) -> None:
    names = [one for one in folder.iterdir() if one.name.startswith(prefix)]
    for path in names:
        if path.name.endswith(COMPANIONS[1:]):
            continue
        with suppress(OSError), _locked(os.open(path, os.O_RDONLY), fcntl.LOCK_NB):
            remove(str(path))


@contextmanager
def _locked(descriptor: int, more: int = 0) -> Iterator[None]:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | more)
        yield
    finally:
        os.close(descriptor)
