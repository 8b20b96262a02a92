"""`poolweaver status`: the store, its pools, the agent, for people and for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ipam.agent.listening import listen
from ipam.agent.protocol import answer_bytes
from ipam.health import health
from store.database import SCHEMA_NUMBER
from store.store import open_store
from tests.cli.conftest import Cli
from tests.ipam.agent.clients import running
from tests.ipam.agent.strangers import answering
from tests.ipam.calls import call, environment, k8s, make_store, namespace, network, pod, pool

WORLD = (
    pool("full", "10.0.0.1", default=False)
    + pool("p", "10.0.1.1-10.0.1.9", default=True)
    + pool("off", "10.0.2.1", disable=True)
    + pool("v6", "fd00::1-fd00::ffff:ffff:ffff:ffff", "fd00::/48")
    + namespace("default")
    + pod("web")
    + pod("one", ["full"])
)


def used_store(db: Path) -> None:
    """A store that bears node, leases of two states, and a full pool."""
    db.parent.mkdir(exist_ok=True)
    make_store(db, WORLD)
    for container, name in (("a", "web"), ("b", "web"), ("c", "one")):
        assert call(environment("ADD", container, args=k8s(name)), network(db))[0] == 0
    assert call(environment("DEL", "b"), network(db))[0] == 0


def test_people_see_the_store_its_pools_and_that_no_agent_is_there(cli: Cli, db: Path) -> None:
    used_store(db)
    shown = cli("status", "--socket", db.parent / "agent.sock")
    assert (shown.code, shown.err) == (0, "")
    text = re.sub(r"\d+\.\d MB", "N MB", shown.out)
    text = re.sub(r"\d{4}-\S+Z", "THEN", text)
    assert text.partition("not there yet:")[0] == (
        f"store:   {db} (schema {SCHEMA_NUMBER}, mode 0600, N MB, log N MB)\n"
        "node:    node1\n"
        f"pools:   4, with 2 addresses held, 1 resting, {2**64 - 1 + 9} free\n"
        "leases:  2 bound, 0 kept, 1 resting\n"
        "full:    full\n"
        "objects: 2 Pod, 1 Namespace\n"
        "journal: 4 changes, whole since THEN\n"
        "serving: yes, the store can be read and written\n"
        f"agent:   none listens on {db.parent / 'agent.sock'}\n"
        "fullest pools:\n"
        "  NAME   VERSION   TOTAL   BOUND   KEPT   RESTING   FREE\n"
        "  full   4         1       1       0      0         0\n"
        "  p      4         9       1       0      1         8\n"
    )


def test_what_is_not_there_yet_is_named(cli: Cli, db: Path) -> None:
    db.parent.mkdir()
    make_store(db, WORLD)
    assert "Pods from the Kubernetes API" in cli("status").out.partition("not there yet:")[2]


def test_programs_see_all_of_it(cli: Cli, db: Path) -> None:
    used_store(db)
    document = json.loads(cli("status", "--socket", "/nowhere", "-o", "json").out)
    store = document["store"]
    assert (store["path"], store["node"], store["serving"]) == (str(db), "node1", True)
    assert (store["schema"], store["mode"], store["problem"]) == (SCHEMA_NUMBER, "0600", None)
    assert store["bytes"]["database"] == db.stat().st_size
    assert document["leases"] == {"bound": 2, "kept": 0, "resting": 1}
    assert document["full"] == ["full"]
    assert [one["name"] for one in document["pools"]] == ["full", "off", "p", "v6"]
    assert document["pools"][2] == {
        "name": "p",
        "family": 4,
        "total": 9,
        "bound": 1,
        "kept": 0,
        "resting": 1,
        "free": 8,
        "disabled": False,
        "terminating": False,
    }
    assert document["pools"][3]["free"] == 2**64 - 1
    assert document["objects"] == {"Namespace": 1, "Pod": 2}
    assert document["journal"]["rows"] == 4
    assert document["agent"] is None


def test_the_agent_says_what_it_has_done(cli: Cli, db: Path) -> None:
    db.parent.mkdir()
    make_store(db, WORLD)
    with running(db, "--pod-wait", "0") as agent:
        agent.ask(environment("ADD", args=k8s("web")))
        agent.ask(environment("ADD", "d", args=k8s("nobody")))
        agent.ask(environment("DEL"))
        shown = cli("status", "--socket", agent.path)
        document = json.loads(cli("status", "--socket", agent.path, "-o", "json").out)
    assert re.search(
        rf"(?m)^agent:   version \S.*, since \S+Z, on {db}; 0 calls queued, 0 parked$", shown.out
    )
    assert "\n  ADD: 1 ok, 1 unknown-facts\n  DEL: 1 ok\n" in shown.out
    known = document["agent"]
    assert known["requests"] == {"ADD": {"ok": 1, "unknown-facts": 1}, "DEL": {"ok": 1}}
    assert (known["queued"], known["parked"], known["db"]) == (0, 0, str(db))
    assert 0 <= known["uptimeSeconds"] < 600


def test_a_socket_that_is_no_agents_is_said_to_be_so(cli: Cli, db: Path) -> None:
    db.parent.mkdir()
    make_store(db, WORLD)
    path = str(db.parent / "agent.sock")
    for answer in (b"", b"\x01", answer_bytes(1, '{"code": 4}'), answer_bytes(0, "no json")):
        with answering(listen(path), answer):
            line = cli("status", "--socket", path).out
        Path(path).unlink()
        assert f"agent:   the one on {path} says nothing of itself: it is of an older " in line


def test_a_store_that_cannot_be_written_is_shown_with_the_reason(db: Path) -> None:
    used_store(db)
    with open_store(str(db)) as store:
        store.database.run("PRAGMA query_only = on")
        found = health(store)
    assert found.problem is not None
    assert found.count("bound") == 2
    assert found.to_json()["store"] == {
        "path": str(db),
        "schema": SCHEMA_NUMBER,
        "mode": "0600",
        "bytes": found.bytes,
        "node": "node1",
        "serving": False,
        "problem": {"code": found.problem.code, "message": found.problem.message},
    }


def test_a_writer_does_not_make_the_store_unhealthy(db: Path) -> None:
    used_store(db)
    with (
        open_store(str(db)) as writer,
        open_store(str(db), 0.1) as store,
        writer.database.transaction(),
    ):
        assert health(store).problem is None


def test_the_number_of_queries_does_not_depend_on_the_pools(tmp_path: Path) -> None:
    counts = []
    for number in (1, 40):
        pools = [pool(f"p{place}", f"10.0.{place}.1") for place in range(number)]
        db = make_store(tmp_path / f"{number}.db", "".join(pools))
        with open_store(str(db)) as store:
            statements: list[str] = []
            store.database.connection.set_trace_callback(statements.append)
            assert len(health(store).pools) == number
            counts.append(len(statements))
    assert counts[0] == counts[1]
