"""The sandboxes that run on a node, as the container runtime lists them, without Kubernetes.

crictl pods -o json                      those in the state SANDBOX_READY
crictl pods -q --state ready             an id a line
podman ps -q --no-trunc                  an id a line
"""

from __future__ import annotations

import json
import re
from typing import Any

from model.errors import ManifestError
from model.leases import Attachment
from model.spans import Span

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]*")
SHORTEST = 12  # characters of an id that runtimes print for people
HOW = "give what `crictl pods -o json` prints, or one container id a line"
READY = "SANDBOX_READY"


class Sandboxes:
    """The sandboxes that run on `node`."""

    def __init__(self, ids: set[str], node: str) -> None:
        self._ids = ids
        self._short = {one[:SHORTEST] for one in ids}
        self._node = node

    def __len__(self) -> int:
        return len(self._ids)

    def lives(self, attachment: Attachment) -> bool:
        """Whether the attachment's sandbox runs; true for another node, of which nothing is known.

        An id cut short, as runtimes print it, stands for every id that begins with it.
        """
        container = attachment.container_id
        if attachment.node != self._node or container in self._ids:
            return True
        if container[:SHORTEST] not in self._short:
            return False
        return any(container.startswith(one) for one in self._ids if len(one) >= SHORTEST)


def read_sandboxes(data: bytes, file: str, node: str) -> Sandboxes:
    """The sandboxes of a list; ManifestError where it is none."""
    text = data.decode("utf-8", "replace").strip()
    ids = _of_json(text, file) if text.startswith(("{", "[")) else _of_lines(text, file)
    return Sandboxes(ids, node)


def check_any(sandboxes: Sandboxes, file: str) -> None:
    """ManifestError where the list has no sandbox at all."""
    if not len(sandboxes):
        hint = f"{HOW}; add --force if none runs"
        raise ManifestError("the list has no sandbox", hint, Span(file, 1, 1), "incomplete-list")


def _of_json(text: str, file: str) -> set[str]:
    try:
        value: Any = json.loads(text)
        items = value["items"] if isinstance(value, dict) else value
        return {
            str(item["id"] if "id" in item else item["Id"])
            for item in items or ()
            if item.get("state", READY) == READY
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _error("the file is JSON, but no list of sandboxes", file, 1) from None


def _of_lines(text: str, file: str) -> set[str]:
    ids = set()
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip()
        if word and not _ID.fullmatch(word):
            raise _error("this line is no container id", file, number)
        ids.add(word)
    return ids - {""}


def _error(message: str, file: str, line: int) -> ManifestError:
    return ManifestError(message, HOW, Span(file, line, 1), "invalid-value")
