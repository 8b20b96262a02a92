"""An agent with `--verify-index` answers by the rules, and says where its index would not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipam.agent.warm import WarmStore
from ipam.allocate import allocate
from model.errors import NoMatchingPoolError
from store.store import open_store
from store.whole import as_one
from tests.ipam.agent.clients import running
from tests.ipam.calls import NOW, environment, k8s, make_store, namespace, pod, pool
from tests.ipam.test_decisions import request

BEST = pool("best", "10.0.0.1-10.0.0.9", default=True, nodeName=["node1"])
PLAIN = pool("plain", "10.1.0.1", "10.1.0.0/16", default=True)


def test_a_difference_is_reported_and_the_rules_hold(tmp_path: Path) -> None:
    db = make_store(tmp_path / "ipam.db", BEST + PLAIN + namespace("default") + pod("web"))
    told: list[str] = []
    with open_store(str(db)) as store:
        warm = WarmStore(store.database, report=told.append)
        assert allocate(warm, request(container="c1"), NOW).leases[0].pool == "best"
        assert told == []
        warm.pools.known().index.remove("best")
        with as_one(warm) as inside:  # as a batch does
            assert allocate(inside, request(container="c2"), NOW).leases[0].pool == "best"
    assert told == [
        "the index disagrees with the rules: for pod default/web, IPv4: the index gives `plain` at "
        "rank 1, the evaluator `best`"
    ]


def test_a_pool_that_is_remembered_as_it_was_is_a_difference(tmp_path: Path) -> None:
    db = make_store(tmp_path / "ipam.db", BEST + namespace("default") + pod("web"))
    told: list[str] = []
    with open_store(str(db)) as store:
        warm = WarmStore(store.database, report=told.append)
        index = warm.pools.known().index
        index.add(store.pools.serving(["best"])["best"].replace(gateway="10.0.9.9"))
        (lease,) = allocate(warm, request(), NOW).leases
    assert lease.answer.gateway == ""
    assert told == [
        "the index disagrees with the rules: for pod default/web, IPv4: the index has pool `best` "
        "at rank 1 as it was before"
    ]


def test_what_no_pool_matches_is_refused_as_ever(tmp_path: Path) -> None:
    elsewhere = pool("best", "10.0.0.1", default=True, nodeName=["node2"])
    db = make_store(tmp_path / "ipam.db", elsewhere + namespace("default") + pod("web"))
    told: list[str] = []
    with open_store(str(db)) as store, pytest.raises(NoMatchingPoolError):
        allocate(WarmStore(store.database, report=told.append), request(), NOW)
    assert told == []


def test_an_agent_that_checks_its_index_serves_as_ever(tmp_path: Path) -> None:
    db = make_store(tmp_path / "ipam.db", BEST + PLAIN + namespace("default") + pod("web"))
    with running(db, "--verify-index") as agent:
        code, answer = agent.ask(environment("ADD", args=k8s("web")))
        assert (code, answer["ips"]) == (0, [{"address": "10.0.0.1/16"}])
        log = agent.stop()
    assert [line for line in log if line["level"] == "error"] == []
