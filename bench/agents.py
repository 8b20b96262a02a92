"""An agent to measure, and many clients of it in one process, which cost little themselves."""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ipam.agent.protocol import Question, question_bytes, read_answer

PATIENCE_SECONDS = 60.0


@contextmanager
def running(db: Path, path: Path) -> Iterator[int]:
    """The process id of an agent on a store, ready for clients at `path`; its log is thrown away.

    What it writes for each request is written all the same, so it is part of what is measured.
    """
    command = [sys.executable, "-m", "cli.main", "--db", str(db), "agent", "--socket", str(path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(path, process)
            yield process.pid
        finally:
            process.terminate()


def _wait(path: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError("the agent does not listen")


def question(env: Mapping[str, str], document: str) -> bytes:
    """One call as the client in C would send it."""
    variables = {name: value for name, value in env.items() if name.startswith("CNI_")}
    return question_bytes(Question(variables, document))


def ask_together(
    path: Path, questions: Sequence[bytes], connections: int
) -> tuple[list[float], float]:
    """Seconds of each call, with so many connections open at all times; and of them all.

    `RuntimeError` with the answer of the first call that fails.
    """
    return _Clients(path, questions).run(connections)


class _Clients:
    """Connections that are each answered once; a new one takes the place of each that ended."""

    def __init__(self, path: Path, questions: Sequence[bytes]) -> None:
        self._path = str(path)
        self._questions = iter(questions)
        self._selector = selectors.DefaultSelector()
        self._open: dict[socket.socket, tuple[float, bytearray]] = {}
        self._times: list[float] = []

    def run(self, connections: int) -> tuple[list[float], float]:
        """All questions, answered."""
        begun = time.perf_counter()
        for _ in range(connections):
            self._ask()
        while self._open:
            for key, _ in self._selector.select():
                assert isinstance(key.fileobj, socket.socket)
                self._read(key.fileobj)
        seconds = time.perf_counter() - begun
        self._selector.close()
        return self._times, seconds

    def _ask(self) -> None:
        question = next(self._questions, None)
        if question is None:
            return
        started = time.perf_counter()
        client = socket.socket(socket.AF_UNIX)
        client.connect(self._path)
        client.sendall(question)
        self._open[client] = (started, bytearray())
        self._selector.register(client, selectors.EVENT_READ)

    def _read(self, client: socket.socket) -> None:
        data = client.recv(65536)
        started, received = self._open[client]
        if data:
            received += data
            return
        self._selector.unregister(client)
        client.close()
        del self._open[client]
        self._times.append(time.perf_counter() - started)
        exit_code, text = read_answer(bytes(received))
        if exit_code:
            raise RuntimeError(text)
        self._ask()
