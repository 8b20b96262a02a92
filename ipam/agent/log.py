"""The agent's log: one JSON object a line on standard error, which journald and others read."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import TextIO

from ipam.cni_config import LOG_LEVELS
from ipam.log import Log

# CNI variable -> the field of a log line
FIELDS = {
    "CNI_COMMAND": "verb",
    "CNI_CONTAINERID": "container_id",
    "CNI_IFNAME": "ifname",
    "CNI_ARGS": "args",
}


class AgentLog(Log):
    """Lines of `time`, `level`, `message`, and of the call that they are about.

    What a network configuration says of logs (`log_file`, `log_level`) is for the embedded plugin.
    """

    def __init__(
        self, level: str = "info", out: TextIO | None = None, about: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self._level = level
        self._out = out or sys.stderr
        self._about = about or {}

    def of(self, variables: Mapping[str, str]) -> AgentLog:
        """The same log, with the fields of one call on each line."""
        about = {field: variables[name] for name, field in FIELDS.items() if variables.get(name)}
        return AgentLog(self._level, self._out, about)

    def configure(self, file: str, level: str) -> None:
        """A no-op: the agent has one log."""

    def write(self, level: str, message: str) -> None:
        """One line, if the level is high enough; one that cannot be written is lost, no error."""
        if LOG_LEVELS.index(level) < LOG_LEVELS.index(self._level):
            return
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = {"time": stamp, "level": level, "message": message, **self._about}
        try:
            self._out.write(json.dumps(line) + "\n")
            self._out.flush()
        except (OSError, ValueError):
            return
