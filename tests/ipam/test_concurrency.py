"""Many processes at once: no address twice, a clear end, and no wait without bound."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from store.repair import check
from store.store import open_store
from tests.ipam.calls import call, environment, finish, make_store, network, pool, start

FULL = "no free IPv4 address for this container: every matching pool is full (p)"


def add(db: Path, number: int) -> tuple[int, Any, str]:
    """ADD of container `cN` as a process of its own."""
    config = json.dumps(network(db, default_ipv4_ippool=["p"], log_level="error"))
    return call(environment("ADD", f"c{number}"), config)


def refusal(answer: tuple[int, Any, str]) -> tuple[int, int, str]:
    code, error, _ = answer
    return code, error["code"], error["msg"]


@pytest.mark.parametrize(
    ("processes", "addresses"), [(16, 200), (64, 64)], ids=["16 that go on", "64 at once"]
)
def test_as_many_requests_as_addresses_all_succeed_and_the_next_gets_none(
    tmp_path: Path, processes: int, addresses: int
) -> None:
    db = make_store(tmp_path / "ipam.db", pool("p", f"10.0.0.1-10.0.0.{addresses}"))
    with ThreadPoolExecutor(processes) as threads:
        answers = list(threads.map(lambda number: add(db, number), range(addresses)))
    assert [err for code, _, err in answers if code] == []
    given = [answer["ips"][0]["address"] for _, answer, _ in answers]
    assert sorted(given) == sorted(f"10.0.0.{n}/16" for n in range(1, addresses + 1))
    assert refusal(add(db, addresses)) == (1, 103, FULL)
    with open_store(str(db)) as store:
        assert check(store) == []


def test_sixty_four_processes_that_wait_at_the_gate_share_the_last_addresses(
    tmp_path: Path,
) -> None:
    """All have started, read their configuration and stand before the claim when it begins."""
    db = make_store(tmp_path / "ipam.db", pool("p", "10.0.0.1-10.0.0.64"))
    config = json.dumps(network(db, default_ipv4_ippool=["p"], log_level="error"))
    plugins = [start(environment("ADD", f"c{number}")) for number in range(65)]
    with ThreadPoolExecutor(65) as threads:
        answers = list(threads.map(lambda plugin: finish(plugin, config), plugins))
    given = [answer["ips"][0]["address"] for code, answer, _ in answers if code == 0]
    assert sorted(given) == sorted(f"10.0.0.{n}/16" for n in range(1, 65))
    assert [refusal(answer) for answer in answers if answer[0]] == [(1, 103, FULL)]
    with open_store(str(db)) as store:
        assert check(store) == []


def test_a_store_that_stays_locked_longer_than_the_bound_asks_the_runtime_to_try_again(
    tmp_path: Path,
) -> None:
    db = make_store(tmp_path / "ipam.db", pool("p", "10.0.0.1-10.0.0.64"))
    assert add(db, 1)[0] == 0
    config = json.dumps(network(db, default_ipv4_ippool=["p"]))
    with closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        plugins = [
            start(environment(verb, "c1" if verb == "DEL" else "c2")) for verb in ("ADD", "DEL")
        ]
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda plugin: finish(plugin, config), plugins))
        assert [(code, error) for code, error, _ in answers] == [
            (
                1,
                {
                    "cniVersion": "1.0.0",
                    "code": 11,
                    "msg": "the store is busy: another process is writing to it",
                    "details": "try again in a moment",
                },
            )
        ] * 2
        other.execute("ROLLBACK")
    assert add(db, 2)[1]["ips"][0]["address"] == "10.0.0.2/16"
    assert finish(start(environment("DEL", "c1")), config)[0] == 0
