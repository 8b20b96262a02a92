"""Log lines of the CNI plugin: to standard error, or to a file that the configuration names."""

from __future__ import annotations

import sys
import time

from ipam.cni_config import LOG_LEVELS


class Log:
    """Writes `TIME LEVEL MESSAGE` lines in UTC. A line that cannot be written is lost, no error."""

    def __init__(self) -> None:
        self._file = ""
        self._least = LOG_LEVELS.index("info")

    def configure(self, file: str, level: str) -> None:
        """Log to `file` (empty: standard error) from `level` on."""
        self._file = file
        self._least = LOG_LEVELS.index(level)

    def write(self, level: str, message: str) -> None:
        """One line, if the level is high enough."""
        if LOG_LEVELS.index(level) < self._least:
            return
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = f"{stamp} {level} {message}\n".replace("\n", " ").rstrip() + "\n"
        try:
            if self._file:
                with open(self._file, "a", encoding="utf-8") as stream:  # noqa: PTH123
                    stream.write(line)
            else:
                sys.stderr.write(line)
        except OSError:
            pass
