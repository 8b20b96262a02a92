"""The agent's log: one JSON object a line on standard error, which journald and others read.

    {"time", "level", "message"}                                        about the agent itself
    {..., "verb", "outcome", "pod", "container", "ifname", "addresses", "seconds"}   about a request

A request has one line, once it is answered: what was served and then undone leaves none that says
it was done. What else a call has to say (warnings) stands in lines of its own, without `outcome`,
`addresses` and `seconds`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from json import dumps
from typing import TextIO

from ipam.cni_config import LOG_LEVELS
from ipam.log import Log

OF_REQUEST = ("info", "error")  # what a call says at these levels becomes the line of its request


class AgentLog(Log):
    """Lines that wait for `flush`, so that no client waits for a log. One thread at a time.

    What a network configuration says of logs (`log_file`, `log_level`) is for the embedded plugin.
    """

    def __init__(self, level: str = "info", out: TextIO | None = None) -> None:
        super().__init__()
        self._least = LOG_LEVELS.index(level)
        self._out = out or sys.stderr
        self._lines: list[str] = []

    def of(self, variables: Mapping[str, str]) -> CallLog:
        """What one attempt to serve a call has to say."""
        return CallLog(self, variables)

    def configure(self, file: str, level: str) -> None:
        """A no-op: the agent has one log."""

    def write(self, level: str, message: str, address: str = "") -> None:  # noqa: ARG002
        """One line at once, if the level is high enough."""
        self.hold(level, message)
        self.flush()

    def hold(self, level: str, message: str, **fields: object) -> None:
        """One line at the next `flush`, if the level is high enough."""
        if LOG_LEVELS.index(level) < self._least:
            return
        stamp = _stamp(int(time.time()))
        self._lines.append(dumps({"time": stamp, "level": level, "message": message, **fields}))

    def flush(self) -> None:
        """Write what is held; a line that cannot be written is lost, no error."""
        if not self._lines:
            return
        text = "\n".join(self._lines) + "\n"
        self._lines.clear()
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):
            return


class CallLog(Log):
    """What one attempt to serve a call says; nothing of it is written before `answered`."""

    def __init__(self, log: AgentLog, variables: Mapping[str, str]) -> None:
        super().__init__()
        self._log = log
        self._variables = variables
        self._messages: list[str] = []
        self._addresses: list[str] = []

    def configure(self, file: str, level: str) -> None:
        """A no-op: the agent has one log."""

    def write(self, level: str, message: str, address: str = "") -> None:
        """A part of the request's line, or a warning in a line of its own."""
        if level not in OF_REQUEST:
            self._log.hold(level, message, **_about(self._variables))
            return
        self._messages.append(message)
        if address:
            self._addresses.append(address)

    def answered(self, outcome: str, seconds: float) -> None:
        """The line of the request: `outcome` is `ok` or the code of the error."""
        about = _about(self._variables)
        self._log.hold(
            "info" if outcome == "ok" else "error",
            "; ".join(self._messages) or f"{about['verb']}: {outcome}",
            verb=about["verb"],
            outcome=outcome,
            pod=about["pod"],
            container=about["container"],
            ifname=about["ifname"],
            addresses=self._addresses,
            seconds=round(seconds, 6),
        )


@lru_cache(maxsize=2)
def _stamp(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def _about(variables: Mapping[str, str]) -> dict[str, str]:
    """Which call a line is about; empty where the call does not say."""
    return {
        "verb": variables.get("CNI_COMMAND", ""),
        "pod": _pod(variables.get("CNI_ARGS", "")),
        "container": variables.get("CNI_CONTAINERID", ""),
        "ifname": variables.get("CNI_IFNAME", ""),
    }


def _pod(arguments: str) -> str:
    """`namespace/name` of the Pod that CNI_ARGS name, or empty; nothing is wrong with a bad one."""
    given = dict(pair.partition("=")[::2] for pair in arguments.split(";"))
    name = given.get("K8S_POD_NAME", "")
    return f"{given.get('K8S_POD_NAMESPACE') or 'default'}/{name}" if name else ""
