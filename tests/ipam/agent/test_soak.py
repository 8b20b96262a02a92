"""Many ADD and DEL through one agent: what it holds of the machine does not grow with them.

Memory, descriptors and files are compared between the first part, when all that is remembered is
remembered, and the last. Time is counted in the processor's, of the agent alone, and only where
the run is long enough for that to say something.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from store.repair import check
from store.store import open_store
from tests.ipam.agent.clients import Agent, ask, connect, read_all, running
from tests.ipam.calls import environment, k8s, make_store, namespace, network, pod, pool
from tests.soak import SOAKING, scaled

PAIRS = scaled(1_600, 100_000)
PARTS = 8
CLIENTS = 8
LOG_BYTES = 12 * 1024 * 1024  # a log is moved into the file at 4 MB; readers may put that off once
WORLD = (
    pool("p", "10.0.0.1-10.3.255.254", "10.0.0.0/14", default=True)
    + namespace("default")
    + pod("web")
)


class Held:
    """What an agent holds of the machine."""

    def __init__(self, agent: Agent) -> None:
        process = Path(f"/proc/{agent.process.pid}")
        status = (process / "status").read_text()
        (line,) = [one for one in status.splitlines() if one.startswith("VmRSS:")]
        self.memory_kb = int(line.split()[1])
        self.descriptors = len(list((process / "fd").iterdir()))
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        self.ticks = int(fields[11]) + int(fields[12])
        self.log_bytes = Path(f"{agent.db}-wal").stat().st_size
        self.file_bytes = agent.db.stat().st_size


def part(agent: Agent, number: int, refused: int) -> None:
    """An eighth of the pairs by several clients at once, and some calls that end badly."""
    document = json.dumps(network(agent.db, "1.1.0"))

    def pairs(client: int) -> None:
        for turn in range(PAIRS // PARTS // CLIENTS):
            container = f"c{number}-{client}-{turn}"
            for verb in ("ADD", "DEL"):
                env = environment(verb, container, args=k8s("web", uid=container))
                code, answer = ask(agent.path, env, document)
                assert code == 0, answer

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(pairs, range(CLIENTS)))
    for turn in range(refused):
        env = environment("ADD", f"r{number}-{turn}", args=k8s(f"nobody-{turn}"))
        assert ask(agent.path, env, document)[1]["code"] == 11
        with connect(agent.path) as stranger:
            stranger.sendall(b"\x02")
            read_all(stranger)
        with connect(agent.path) as silent:
            silent.sendall(b"\x01\0")
            silent.shutdown(1)
            read_all(silent)


@pytest.fixture
def agent(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Agent]:
    db = make_store(tmp_path / "ipam.db", WORLD)
    with open_store(str(db)) as store:
        store.settings.set("quarantine_seconds", str(request.param))
        store.settings.set("journal_rows", "1000")
    options = ("--log-level", "error", "--pod-wait", "0", "--metrics", f"unix:{tmp_path}/m.sock")
    log = (tmp_path / "log").open("w")
    with log, running(db, *options, log=log) as found:
        yield found


@pytest.mark.parametrize("agent", [0, 60], indirect=True, ids=["no rest", "a rest of 60 s"])
def test_nothing_grows_with_the_number_of_calls(agent: Agent) -> None:
    held = []
    for number in range(PARTS):
        part(agent, number, scaled(3, 100))
        held.append(Held(agent))
    first, last = held[1], held[-1]
    told = [vars(one) for one in held]
    assert last.memory_kb < first.memory_kb * 1.1 + 2048, told
    assert last.descriptors <= first.descriptors, told
    assert max(one.log_bytes for one in held) < LOG_BYTES, told
    if SOAKING:
        spent = [after.ticks - before.ticks for before, after in pairwise(held)]
        assert max(spent[-2:]) < 2 * min(spent[:2]), spent
    with open_store(str(agent.db)) as store:
        assert check(store) == []
        assert store.journal.row_count() < 3000 + 2 * len(store.leases.by_pool("p"))
        assert [one for one in store.leases.by_pool("p") if one.state == "bound"] == []
