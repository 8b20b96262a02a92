"""Somebody who listens where an agent should, and is none of today."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def answering(listener: socket.socket, answer: bytes) -> Iterator[None]:
    """One client is answered these bytes, whatever it asks."""

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(65536)
            client.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    thread.join()
    listener.close()
