"""Files that are there whole or not at all, whoever looks at them."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from model.errors import ConfigurationError


def write_whole(name: str, data: bytes) -> None:
    """Put the bytes in place of the file at once; it keeps its mode, and a link stays a link.

    What is no file, such as a pipe, is written to. Raises `ConfigurationError` where that cannot
    be done; the old file is then as it was.
    """
    try:
        _write(Path(name).resolve(), data)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write `{name}`: {os.strerror(error.errno or 0)}",
            "check the folder, its permissions, and the room on its disk",
            code="unwritable-file",
        ) from None


def _write(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
