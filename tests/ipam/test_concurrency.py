"""Many processes at once: no address twice, and a clear end."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from store.repair import check
from store.store import open_store
from tests.ipam.calls import call, environment, make_store, network, pool

ADDRESSES, PROCESSES = 200, 16


def test_sixteen_processes_share_two_hundred_addresses_and_the_next_gets_none(
    tmp_path: Path,
) -> None:
    db = make_store(tmp_path / "ipam.db", pool("p", "10.0.0.1-10.0.0.200"))
    config = json.dumps(network(db, default_ipv4_ippool=["p"], log_level="error"))

    def add(number: int) -> tuple[int, Any, str]:
        return call(environment("ADD", f"c{number}"), config)

    with ThreadPoolExecutor(PROCESSES) as threads:
        answers = list(threads.map(add, range(ADDRESSES)))
    assert [err for code, _, err in answers if code] == []
    addresses = {answer["ips"][0]["address"] for _, answer, _ in answers}
    assert addresses == {f"10.0.0.{n}/16" for n in range(1, ADDRESSES + 1)}

    code, error, _ = add(ADDRESSES)
    assert (code, error["code"]) == (1, 103)
    assert (
        error["msg"] == "no free IPv4 address for this container: every matching pool is full (p)"
    )
    with open_store(str(db)) as store:
        assert check(store) == []
