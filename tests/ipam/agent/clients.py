"""An agent in a process of its own, and clients that ask it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ipam.agent.protocol import Question, question_bytes, read_answer
from tests.ipam.calls import REPOSITORY, network

SECONDS = 60.0  # far beyond what any step takes


class Agent:
    """A running agent: its process, its socket, and its log lines once it has stopped."""

    def __init__(self, process: subprocess.Popen[str], path: Path, db: Path) -> None:
        self.process = process
        self.path = path
        self.db = db

    def ask(self, env: Mapping[str, str], **document: Any) -> tuple[int, Any]:
        """(exit code, document) of one call on the agent's store, in network net0."""
        config = {**network(self.db, "1.1.0"), **document}
        return ask(self.path, env, json.dumps(config))

    def stop(self, number: int = signal.SIGTERM) -> list[dict[str, Any]]:
        """Its log, after a signal that ends it."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=SECONDS)
        return [json.loads(line) for line in err.splitlines()]


def start(
    db: Path,
    path: Path,
    *options: str,
    before: Sequence[str] = (),
    log: IO[str] | int = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """An agent's process; `before` is a command that starts it, `log` where its log goes."""
    command = [sys.executable, "-P", "-m", "cli.main", "--db", str(db), "agent", "--socket"]
    return subprocess.Popen(
        [*before, *command, str(path), *options],
        stderr=log,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )


@contextmanager
def running(
    db: Path, *options: str, name: str = "agent.sock", log: IO[str] | int = subprocess.PIPE
) -> Iterator[Agent]:
    """An agent on a store, ready for clients; killed at the end if it still runs."""
    with running_as([], db, *options, name=name, log=log) as agent:
        yield agent


@contextmanager
def running_as(
    before: Sequence[str],
    db: Path,
    *options: str,
    name: str = "agent.sock",
    log: IO[str] | int = subprocess.PIPE,
) -> Iterator[Agent]:
    """The same, started by another command."""
    path = db.parent / name
    process = start(db, path, *options, before=before, log=log)
    try:
        wait_for_socket(path, process)
        yield Agent(process, path, db)
    finally:
        process.kill()
        process.communicate()


def wait_for_socket(path: Path, process: subprocess.Popen[str]) -> None:
    """Until somebody listens there."""
    give_up = time.monotonic() + SECONDS
    while time.monotonic() < give_up:
        assert process.poll() is None, process.stderr and process.stderr.read()
        with socket.socket(socket.AF_UNIX) as probe:
            if path.exists() and probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the agent does not listen")


def connect(path: Path) -> socket.socket:
    """A client's connection."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(SECONDS)
    client.connect(str(path))
    return client


def read_all(client: socket.socket) -> bytes:
    """Everything until the other end closes."""
    data = b""
    while chunk := client.recv(65536):
        data += chunk
    return data


def ask(path: Path, env: Mapping[str, str], document: str) -> tuple[int, Any]:
    """(exit code, document or None) of one call."""
    with connect(path) as client:
        client.sendall(question_bytes(Question(dict(env), document)))
        exit_code, text = read_answer(read_all(client))
    return exit_code, json.loads(text) if text else None
