"""Log lines of the CNI plugin: to standard error, or to a file that the configuration names."""

from __future__ import annotations

import os
import time

from ipam.cni_config import LOG_LEVELS

STDERR = 2


class Log:
    """Writes `TIME LEVEL MESSAGE` lines in UTC. A line that cannot be written is lost, no error."""

    def __init__(self) -> None:
        self._file = ""
        self._least = LOG_LEVELS.index("info")

    def configure(self, file: str, level: str) -> None:
        """Log to `file` (empty: standard error) from `level` on."""
        self._file = file
        self._least = LOG_LEVELS.index(level)

    def write(self, level: str, message: str, address: str = "") -> None:  # noqa: ARG002
        """One line, if the level is high enough; `address` is what it is about, for other logs."""
        if LOG_LEVELS.index(level) < self._least:
            return
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        text = f"{stamp} {level} {message}".replace("\n", " ")
        line = (text + "\n").encode("utf-8", "backslashreplace")
        try:
            self._append(line)
        except (OSError, ValueError):  # ValueError: a file name that no file can have
            return

    def _append(self, line: bytes) -> None:
        """One write past Python's buffers: nothing is left to fail when the process ends."""
        if not self._file:
            os.write(STDERR, line)
            return
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
