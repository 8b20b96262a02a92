"""The agent's metrics, scraped as Prometheus does, beside what the store holds."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ipam.agent.batches import Answered, Asked
from ipam.agent.log import AgentLog
from ipam.agent.metrics import METRICS, MOST_POOLS, Metrics
from ipam.agent.scraping import MOST_SCRAPERS, MetricsServer
from ipam.agent.tally import BUCKETS, MOST_SERIES, Tally
from model.decisions import Candidate, CheckResult, Decision, FamilyDecision
from model.errors import NoMatchingPoolError
from store import gauges
from store.database import SCHEMA_NUMBER
from store.store import open_store
from tests.ipam.agent.clients import Agent, connect, read_all, running, start, wait_for_socket
from tests.ipam.calls import environment, k8s, make_store, namespace, pod, pool

WORLD = (
    pool("big", "10.0.0.1-10.0.0.9", default=True)
    + pool("two", "10.0.1.1-10.0.1.2")
    + pool("db", "10.0.2.1", podAffinity={"matchLabels": {"app": "db"}})
    + namespace("default")
    + pod("web")
    + pod("web-two", ["two"])
    + pod("web-three", ["two"])
    + pod("web-four", ["two"])
    + pod("not-db", ["db"], app="web")
)
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Scraped:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        self.families = {one.name: one for one in text_string_to_metric_families(text)}
        self.samples: Samples = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        return self.samples.get((name, tuple(sorted(labels.items()))))

    def all(self, name: str) -> dict[tuple[str, ...], float]:
        """Values by the values of their labels, in the labels' alphabetical order."""
        return {
            tuple(value for _, value in labels): number
            for (known, labels), number in self.samples.items()
            if known == name
        }


def get(path: Path, what: str = "/metrics", verb: str = "GET") -> tuple[int, str, str]:
    """(status, content type, body) of one request on a unix socket."""
    with connect(path) as client:
        client.sendall(f"{verb} {what} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head, _, body = read_all(client).partition(b"\r\n\r\n")
    kind = re.search(rb"(?im)^content-type: (.*?)\r?$", head)
    return int(head.split()[1]), kind[1].decode() if kind else "", body.decode()


def scrape(path: Path) -> Scraped:
    status, kind, body = get(path)
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return Scraped(body)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", WORLD)


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    return tmp_path / "metrics.sock"


@pytest.fixture
def agent(db: Path, metrics: Path) -> Iterator[Agent]:
    with running(db, "--metrics", f"unix:{metrics}", "--pod-wait", "0") as found:
        wait_for_socket(metrics, found.process)
        yield found


def a_known_series(agent: Agent) -> None:
    """6 ADDs that work and 3 that do not, 2 DELs, a STATUS, and what is no verb."""
    for container in ("a", "b", "c"):
        assert agent.ask(environment("ADD", container, args=k8s("web")))[0] == 0
    assert agent.ask(environment("ADD", "a", args=k8s("web")))[0] == 0
    assert agent.ask(environment("ADD", "d", args=k8s("web-two")))[0] == 0
    assert agent.ask(environment("ADD", "e", args=k8s("web-three")))[0] == 0
    assert agent.ask(environment("ADD", "f", args=k8s("web-four")))[1]["code"] == 103
    assert agent.ask(environment("ADD", "g", args=k8s("not-db")))[1]["code"] == 101
    assert agent.ask(environment("ADD", "h", args=k8s("nobody")))[1]["code"] == 11
    for container in ("c", "e"):
        assert agent.ask(environment("DEL", container))[0] == 0
    assert agent.ask({"CNI_COMMAND": "STATUS"})[0] == 0
    assert agent.ask(environment("LOOK"))[1]["code"] == 4


def test_requests_are_counted_by_verb_and_outcome(agent: Agent, metrics: Path) -> None:
    a_known_series(agent)
    counted = scrape(metrics).all("poolweaver_requests_total")
    assert counted == {
        ("ok", "ADD"): 6,
        ("pool-exhausted", "ADD"): 1,
        ("no-matching-pool", "ADD"): 1,
        ("unknown-facts", "ADD"): 1,
        ("ok", "DEL"): 2,
        ("ok", "STATUS"): 1,
        ("invalid-cni-environment", "other"): 1,
    }


def test_each_request_is_in_the_histogram_of_each_stage(agent: Agent, metrics: Path) -> None:
    a_known_series(agent)
    seen = scrape(metrics)
    counts = seen.all("poolweaver_request_seconds_count")
    stages = ("waited", "served", "committed", "total")
    verbs = {"ADD": 9, "DEL": 2, "STATUS": 1, "other": 1}
    assert counts == {(stage, verb): count for stage in stages for verb, count in verbs.items()}
    buckets = seen.all("poolweaver_request_seconds_bucket")
    assert len(buckets) == len(counts) * (len(BUCKETS) + 1)
    assert buckets["+Inf", "total", "ADD"] == 9
    sums = seen.all("poolweaver_request_seconds_sum")
    assert sums["total", "ADD"] > sums["served", "ADD"] > 0
    assert sums["committed", "ADD"] > 0
    assert sums["committed", "STATUS"] == 0


def test_pools_show_what_the_store_holds(agent: Agent, metrics: Path) -> None:
    a_known_series(agent)
    seen = scrape(metrics)
    with open_store(str(agent.db)) as store:
        truth = gauges.pool_counts(store.database)
        leases = {one.name: store.leases.by_pool(one.name) for one in truth}
        rows = store.journal.row_count()
    assert [(one.name, one.total, one.free) for one in truth] == [
        ("big", 9, 7),
        ("db", 1, 1),
        ("two", 2, 1),
    ]
    assert seen.all("poolweaver_pool_addresses") == {(one.name,): one.total for one in truth}
    assert seen.all("poolweaver_pool_free_addresses") == {(one.name,): one.free for one in truth}
    assert seen.all("poolweaver_pool_leases") == {
        (name, state): sum(lease.state == state for lease in found)
        for name, found in leases.items()
        for state in ("bound", "kept", "resting")
    }
    assert seen.value("poolweaver_pool_leases", pool="two", state="resting") == 1
    assert seen.value("poolweaver_journal_rows") == rows == 7
    assert seen.value("poolweaver_pools") == 3
    assert seen.value("poolweaver_store_up") == 1


def test_refusals_are_counted_by_pool_and_field(agent: Agent, metrics: Path) -> None:
    a_known_series(agent)
    seen = scrape(metrics)
    assert seen.all("poolweaver_pool_exhausted_total") == {("two",): 1}
    assert seen.all("poolweaver_no_match_total") == {("podAffinity", "db"): 1}


def test_who_waits_and_what_runs_is_shown(agent: Agent, metrics: Path) -> None:
    seen = scrape(metrics)
    assert seen.value("poolweaver_queue_calls") == 0
    assert seen.value("poolweaver_parked_calls") == 0
    ((labels, value),) = seen.all("poolweaver_build_info").items()
    assert (labels[:2], value) == (("1", str(SCHEMA_NUMBER)), 1)
    size = agent.db.stat().st_size
    assert seen.value("poolweaver_store_bytes", file="database") == size
    assert (seen.value("process_resident_memory_bytes") or 0) > 1_000_000


def test_a_call_that_waits_for_its_pod_is_parked(db: Path, metrics: Path) -> None:
    with running(db, "--metrics", f"unix:{metrics}", "--pod-wait", "20") as agent:
        wait_for_socket(metrics, agent.process)
        asking = threading.Thread(
            target=lambda: agent.ask(environment("ADD", args=k8s("nobody"))), daemon=True
        )
        asking.start()
        while scrape(metrics).value("poolweaver_parked_calls") != 1:
            pass
        agent.process.terminate()
        asking.join()


def test_all_metrics_of_the_table_are_exported_with_their_type_and_labels(
    agent: Agent, metrics: Path
) -> None:
    a_known_series(agent)
    seen = scrape(metrics)
    own = {name for name in seen.families if name.startswith("poolweaver_")}
    assert own == {name.removesuffix("_total") for name in METRICS}
    for name, (kind, labels, _) in METRICS.items():
        family = seen.families[name.removesuffix("_total")]
        assert family.type == kind, name
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(labels), name


def test_a_store_that_cannot_be_read_is_said_to_be_down(tmp_path: Path) -> None:
    exporter = Metrics(Tally(), str(tmp_path / "none.db"), "1", lambda: 0, lambda: 0)
    seen = Scraped(exporter.text().decode())
    assert seen.value("poolweaver_store_up") == 0
    assert seen.all("poolweaver_pools") == {}
    assert seen.value("poolweaver_queue_calls") == 0


def test_no_more_pools_than_ten_thousand_have_gauges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_POOLS == 10_000
    monkeypatch.setattr("ipam.agent.metrics.MOST_POOLS", 2)
    path = make_store(tmp_path / "ipam.db", WORLD)
    exporter = Metrics(Tally(), str(path), "1", lambda: 0, lambda: 0)
    seen = Scraped(exporter.text().decode())
    exporter.close()
    assert set(seen.all("poolweaver_pool_addresses")) == {("big",), ("db",)}
    assert seen.value("poolweaver_pools") == 3


def test_huge_pools_of_ipv6_have_their_size(tmp_path: Path) -> None:
    huge = pool("v6", "fd00::1-fd00::ffff:ffff:ffff:ffff", "fd00::/48")
    path = make_store(tmp_path / "ipam.db", huge)
    exporter = Metrics(Tally(), str(path), "1", lambda: 0, lambda: 0)
    seen = Scraped(exporter.text().decode())
    exporter.close()
    assert seen.value("poolweaver_pool_addresses", pool="v6") == float(2**64 - 1)


def test_what_clients_make_up_does_not_grow_the_metrics() -> None:
    tally, log = Tally(), AgentLog("error")
    for number in range(MOST_SERIES + 10):
        failed = CheckResult(("podAffinity", "pod.label", "app", "exists", ()), False, None)
        candidate = Candidate(f"p{number}", "filtered", 0, None, [failed])
        decision = Decision("", "eth0", "", "", [FamilyDecision(4, "cni-config", [candidate])])
        error = NoMatchingPoolError("m", decision=decision)
        asked = Asked({"CNI_COMMAND": f"V{number}"}, "", 0, 1, 1)
        tally.observe(Answered(asked, 1, "", error.code, log.of({}), error), 0.1)
    assert tally.requests == {("other", "no-matching-pool"): MOST_SERIES + 10}
    assert len(tally.no_match) == MOST_SERIES + 1
    assert tally.no_match["", "podAffinity"] == 10


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("0.0.0.0:9464", "metrics are not served on `0.0.0.0`"),
        ("[::]:9464", "metrics are not served on `::`"),
        ("192.0.2.1:9464", "metrics are not served on `192.0.2.1`"),
        ("9464", "`9464` is no place for metrics"),
        ("127.0.0.1:http", "`127.0.0.1:http` is no place for metrics"),
        ("127.0.0.1:70000", "`127.0.0.1:70000` is no place for metrics"),
        ("example.org:9464", "`example.org:9464` is no place for metrics"),
    ],
)
def test_a_place_that_others_could_reach_is_refused(db: Path, where: str, message: str) -> None:
    process = start(db, db.parent / "agent.sock", "--metrics", where)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith(f"error[invalid-argument]: {message}")
    assert "  hint: " in err
    assert not (db.parent / "agent.sock").exists()


def test_a_port_that_is_taken_is_an_error(db: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        where = f"127.0.0.1:{other.getsockname()[1]}"
        process = start(db, db.parent / "agent.sock", "--metrics", where)
        _, err = process.communicate(timeout=60)
    assert err == (
        f"error[agent-socket]: cannot serve metrics on `{where}`: Address already in use\n"
        "  hint: name another port with `--metrics`\n"
    )


def test_a_loopback_port_is_scraped_as_well() -> None:
    server = MetricsServer("localhost:0", lambda: b"hello", "text/plain")
    try:
        host, port = server.address[:2]
        client = http.client.HTTPConnection(host, port, timeout=60)
        client.request("GET", "/metrics")
        answer = client.getresponse()
        assert (answer.status, answer.read()) == (200, b"hello")
        client.close()
    finally:
        server.close()


def test_the_unix_socket_is_its_owners_alone_and_goes_with_the_agent(
    agent: Agent, metrics: Path
) -> None:
    assert metrics.stat().st_mode & 0o777 == 0o600
    agent.stop()
    assert not metrics.exists()


def test_there_is_one_page_and_only_reading(agent: Agent, metrics: Path) -> None:
    assert get(metrics, "/")[0] == 404
    assert get(metrics, "/metrics?name[]=x")[0] == 200
    assert get(metrics, verb="HEAD")[::2] == (200, "")
    assert get(metrics, verb="POST")[0] == 501


@contextmanager
def bad_scrapers(path: Path) -> Iterator[None]:
    """More than may be there: some ask and do not read, some say nothing, some say nonsense."""
    clients = []
    for number in range(3 * MOST_SCRAPERS):
        client = connect(path)
        clients.append(client)
        words = (b"GET /metrics HTTP/1.1\r\n\r\n", b"", b"\xff\xfe\r\n\r\n")
        try:
            client.sendall(words[number % 3])
        except OSError:
            continue  # sent away already
    yield
    for client in clients:
        client.close()


def test_calls_are_served_while_scrapers_hang(agent: Agent, metrics: Path) -> None:
    with bad_scrapers(metrics):
        for number in range(7):
            assert agent.ask(environment("ADD", f"c{number}", args=k8s("web")))[0] == 0
    assert "Traceback" not in json.dumps(agent.stop())


def test_a_cni_call_does_not_import_prometheus() -> None:
    code = "import sys, ipam.plugin, ipam.agent.running; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_place_of_metrics_that_is_taken_names_its_option(agent: Agent, metrics: Path) -> None:
    second = start(agent.db, agent.path.with_name("b.sock"), "--metrics", f"unix:{metrics}")
    _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert err == (
        f"error[agent-socket]: an agent listens on `{metrics}` already\n"
        "  hint: stop it first, or name another path with `--metrics unix:PATH`\n"
    )
    assert scrape(metrics).value("poolweaver_store_up") == 1
