"""Whether another process has a store open: an agent, a shell of SQLite, a CNI call just now."""

from __future__ import annotations

import fcntl
import os

# Every connection to a file in WAL mode holds a shared lock on this byte of its `-shm` as long as
# it is open (UNIX_SHM_DMS in SQLite's os_unix.c).
_OPEN_BYTE = 128


def is_in_use(path: str) -> bool:
    """Whether another process has the store open at this moment.

    Call it before this process opens the store: it would drop the locks of its own connections.
    """
    try:
        descriptor = os.open(f"{path}-shm", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _OPEN_BYTE)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
