"""Connections of clients: a question read in pieces, an answer written in pieces."""

from __future__ import annotations

import os
import socket
import struct

from ipam.agent.protocol import Question, read_question

CHUNK_BYTES = 64 * 1024
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid (unix(7))


class Connection:
    """One client: asks once, is answered once."""

    def __init__(self, client: socket.socket, opened: float) -> None:
        self.socket = client
        self.opened = opened
        self.asked = False
        self._received = bytearray()
        self._to_send = memoryview(b"")
        client.setblocking(False)

    def peer_uid(self) -> int:
        """The user who runs the client, as the kernel knows it."""
        data = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return int(_CREDENTIALS.unpack(data)[1])

    def receive(self) -> tuple[Question | None, bool]:
        """(the question if it is all there by now, whether the client went away before).

        Raises `ProtocolError` for what is no question.
        """
        try:
            data = self.socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return None, False
        except OSError:
            return None, True
        if not data:
            return None, True
        self._received += data
        question = read_question(self._received)
        self.asked = question is not None
        return question, False

    def answer(self, data: bytes) -> bool:
        """Begin to send an answer; whether it is sent, or cannot be."""
        self._to_send = memoryview(data)
        return self.send()

    def send(self) -> bool:
        """Send more of the answer; whether there is nothing left to send, or nobody to send to."""
        while self._to_send:
            try:
                done = self.socket.send(self._to_send, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return False
            except OSError:
                return True
            self._to_send = self._to_send[done:]
        return True

    def close(self) -> None:
        """End the connection."""
        self.socket.close()


def may_ask(uid: int) -> bool:
    """Whether a user may ask this agent: root, and whoever runs it."""
    return uid in (0, os.geteuid())
