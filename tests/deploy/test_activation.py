"""Socket activation, with a launcher in systemd's place: who calls does not notice a restart."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ipam.agent.listening import handed_over
from ipam.agent.protocol import Question, question_bytes, read_answer
from store.repair import check
from store.store import open_store
from tests.ipam.agent.clients import SECONDS, ask, connect, read_all
from tests.ipam.calls import REPOSITORY, environment, make_store, network, pool
from tests.soak import scaled

# Takes the place of the agent's process, as systemd's executor does, so that LISTEN_PID is right.
LAUNCHER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


class Systemd:
    """What systemd does for the two units: listens, starts, is told."""

    def __init__(self, folder: Path, db: Path) -> None:
        self.db = db
        self.path = folder / "agent.sock"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(1024)
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(str(folder / "notify.sock"))
        self._told.settimeout(SECONDS)
        self.agent: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """The agent, once it has said that it is ready."""
        descriptor = self._listener.fileno()
        command = [sys.executable, "-c", LAUNCHER, str(descriptor)]
        agent = ["-P", "-m", "cli.main", "--db", str(self.db), "agent", "--socket", "/nowhere/s"]
        self.agent = subprocess.Popen(
            [*command, *agent],
            pass_fds=[descriptor],
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                "NOTIFY_SOCKET": self._told.getsockname(),
            },
        )
        assert self._told.recv(100) == b"READY=1"

    def stop(self) -> str:
        """Its log, after it was told to stop and has said so."""
        assert self.agent
        self.agent.send_signal(signal.SIGTERM)
        assert self._told.recv(100) == b"STOPPING=1"
        _, log = self.agent.communicate(timeout=SECONDS)
        assert self.agent.returncode == 0
        return log

    def close(self) -> None:
        if self.agent and self.agent.poll() is None:
            self.agent.kill()
            self.agent.communicate()
        self._listener.close()
        self._told.close()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", pool("p", "10.0.0.1-10.0.15.255", default=True))


@pytest.fixture
def systemd(tmp_path: Path, db: Path) -> Iterator[Systemd]:
    found = Systemd(tmp_path, db)
    yield found
    found.close()


def call(systemd: Systemd, verb: str, container: str) -> int:
    document = json.dumps(network(systemd.db, "1.1.0"))
    return ask(systemd.path, environment(verb, container), document)[0]


def test_the_socket_of_systemd_is_served_and_left_in_place(systemd: Systemd) -> None:
    systemd.start()
    assert call(systemd, "ADD", "c1") == 0
    log = systemd.stop()
    assert "on the socket of systemd" in log
    assert systemd.path.exists()


def test_a_call_before_the_start_waits_for_it(systemd: Systemd) -> None:
    codes: list[int] = []
    early = threading.Thread(target=lambda: codes.append(call(systemd, "ADD", "c1")))
    early.start()
    systemd.start()
    early.join(SECONDS)
    assert codes == [0]


@contextmanager
def callers(systemd: Systemd, count: int) -> Iterator[list[int]]:
    """Threads that do ADD and DEL without a pause until the block ends; their exit codes."""
    codes: list[int] = []
    over = threading.Event()

    def loop(number: int) -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            codes.append(call(systemd, "ADD", f"c{number}-{turn}"))
            codes.append(call(systemd, "DEL", f"c{number}-{turn}"))

    threads = [threading.Thread(target=loop, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    yield codes
    over.set()
    for thread in threads:
        thread.join(SECONDS)


def test_no_call_fails_while_the_agent_is_restarted(systemd: Systemd) -> None:
    systemd.start()
    with callers(systemd, 8) as codes:
        for _ in range(scaled(3, 30)):
            before = len(codes)
            while len(codes) < before + 20:
                pass
            systemd.stop()
            systemd.start()
    assert len(codes) > 40
    assert set(codes) == {0}
    systemd.stop()
    with open_store(str(systemd.db)) as store:
        assert check(store) == []
        assert [one for one in store.leases.by_pool("p") if one.state == "bound"] == []


def test_who_is_connected_at_the_stop_may_still_ask(systemd: Systemd) -> None:
    systemd.start()
    document = json.dumps(network(systemd.db, "1.1.0"))
    data = question_bytes(Question(environment("ADD"), document))
    with connect(systemd.path) as client:
        client.sendall(data[:5])
        assert call(systemd, "STATUS", "c0") == 0, "the first is accepted by now"
        assert systemd.agent
        systemd.agent.send_signal(signal.SIGTERM)
        assert systemd._told.recv(100) == b"STOPPING=1"
        client.sendall(data[5:])
        assert read_answer(read_all(client))[0] == 0


@pytest.mark.parametrize("variables", [{"LISTEN_PID": "5"}, {"LISTEN_FDS": "2"}])
def test_a_socket_that_is_meant_for_another_process_is_not_taken(variables: dict[str, str]) -> None:
    assert handed_over({"LISTEN_PID": "6", "LISTEN_FDS": "1", **variables}, 6) is None
