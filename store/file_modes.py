"""Whether others may read or write the files of a store. They are made 0600, in a folder 0700."""

from __future__ import annotations

import stat
from pathlib import Path

COMPANIONS = ("", "-wal", "-shm")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def loose_modes(path: str) -> list[tuple[str, str]]:
    """(path, how to mend it) of each file that others may use, and of a folder they may write to.

    Empty where all is well, and for what is not there. A folder with the sticky bit, such as the
    one for temporary files, keeps others from moving what is not theirs.
    """
    found = []
    for companion in COMPANIONS:
        file = path + companion
        if _mode(file) & _OTHERS:
            found.append((file, f"chmod 600 {file}"))
    folder = str(Path(path).absolute().parent)
    mode = _mode(folder)
    if mode & _OTHERS_WRITE and not mode & stat.S_ISVTX:
        found.append((folder, f"chmod go-w {folder}"))
    return found


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(Path(path).stat().st_mode)
    except OSError:
        return 0
