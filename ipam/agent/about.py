"""What an agent says of itself, and asking it."""

from __future__ import annotations

import json
import socket
import struct
from typing import TYPE_CHECKING, Any

from ipam.agent.protocol import ABOUT, ASK, Question, question_bytes, read_answer

if TYPE_CHECKING:
    from ipam.agent.loop import Loop
    from ipam.agent.tally import Tally

PATIENCE_SECONDS = 2.0


def about(tally: Tally, loop: Loop, db: str, version: str, uptime_seconds: float) -> str:
    """The document: version, store, uptime, requests by verb and outcome, and who waits."""
    requests: dict[str, dict[str, int]] = {}
    for (verb, outcome), count in tally.requests.items():
        requests.setdefault(verb, {})[outcome] = count
    document = {
        "version": version,
        "db": db,
        "uptimeSeconds": int(uptime_seconds),
        "requests": requests,
        "queued": loop.queued,
        "parked": loop.parked,
    }
    return json.dumps(document)


def ask_about(path: str) -> dict[str, Any] | str:
    """The document of the agent that listens at `path`; or in a line why there is none."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_SECONDS)
            client.connect(path)
            client.sendall(question_bytes(Question({ASK: ABOUT}, "")))
            received = b""
            while chunk := client.recv(65536):
                received += chunk
    except (FileNotFoundError, ConnectionRefusedError):
        return f"none listens on {path}"
    except TimeoutError:
        return f"the one on {path} does not answer within {PATIENCE_SECONDS:g} s"
    except OSError as error:
        return f"the one on {path} cannot be asked: {error.strerror or error}"
    return _read(received, path)


def _read(received: bytes, path: str) -> dict[str, Any] | str:
    try:
        exit_code, text = read_answer(received)
        document = json.loads(text)
    except (ValueError, struct.error):
        document, exit_code = None, 1
    if exit_code or not isinstance(document, dict):
        return f"the one on {path} says nothing of itself: it is of an older version"
    return document
