"""The agent's half of what client and agent say to each other; shim/protocol.h draws it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

VERSION = 1
UNKNOWN_VERSION = 255
# A question about the agent itself: this variable, and no CNI call. An older agent says code 4.
ASK, ABOUT = "POOLWEAVER_ASK", "about"
MOST_VARIABLES_BYTES = 64 * 1024
MOST_DOCUMENT_BYTES = 1024 * 1024
_QUESTION = struct.Struct(">BII")
_ANSWER = struct.Struct(">BBI")


class ProtocolError(Exception):
    """Bytes that are no question; the message says why. Whoever sent them is no client of ours."""


class UnknownVersionError(ProtocolError):
    """A question in a version that this agent does not speak."""


@dataclass(frozen=True)
class Question:
    """One CNI call as the client sent it: its CNI_* variables and its standard input."""

    variables: dict[str, str]
    document: str


def read_question(received: bytes | bytearray) -> Question | None:
    """The question in what was received so far; None while it is not all there.

    Raises `ProtocolError` for bytes that no question begins with, and for one that is too long.
    """
    if received and received[0] != VERSION:
        raise UnknownVersionError(f"protocol version {received[0]} is not known")
    if len(received) < _QUESTION.size:
        return None
    _, variables_bytes, document_bytes = _QUESTION.unpack_from(received)
    if variables_bytes > MOST_VARIABLES_BYTES or document_bytes > MOST_DOCUMENT_BYTES:
        raise ProtocolError("the question is too long")
    end = _QUESTION.size + variables_bytes + document_bytes
    if len(received) < end:
        return None
    if len(received) > end:
        raise ProtocolError("something follows the question")
    variables = bytes(received[_QUESTION.size : end - document_bytes])
    document = bytes(received[end - document_bytes : end])
    return Question(_variables(variables), document.decode("utf-8", "replace"))


def _variables(block: bytes) -> dict[str, str]:
    """As `os.environ` would have them: bytes that are no UTF-8 become surrogates."""
    found = {}
    for pair in block.split(b"\0"):
        name, equals, value = pair.partition(b"=")
        if equals:
            found[name.decode("utf-8", "surrogateescape")] = value.decode(
                "utf-8", "surrogateescape"
            )
    return found


def question_bytes(question: Question) -> bytes:
    """The question as a client sends it."""
    pairs = [f"{name}={value}\0" for name, value in question.variables.items()]
    variables = "".join(pairs).encode("utf-8", "surrogateescape")
    document = question.document.encode()
    return _QUESTION.pack(VERSION, len(variables), len(document)) + variables + document


def answer_bytes(exit_code: int, document: str) -> bytes:
    """An answer; `document` is for standard output, empty for none."""
    data = document.encode("utf-8", "replace")
    return _ANSWER.pack(VERSION, exit_code, len(data)) + data


def unknown_version_bytes() -> bytes:
    """The answer to a question in a version that this agent does not speak."""
    return _ANSWER.pack(VERSION, UNKNOWN_VERSION, 0)


def read_answer(received: bytes) -> tuple[int, str]:
    """(exit code, document) of a whole answer, for tests and for people who debug."""
    _, exit_code, length = _ANSWER.unpack_from(received)
    return exit_code, received[_ANSWER.size : _ANSWER.size + length].decode()
