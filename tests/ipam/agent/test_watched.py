"""Facts that go stale, and facts that are missing: the agent says "try again", and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipam.agent.loop import Limits
from ipam.agent.watched import FreshFacts, Watch, WatchedStore
from model.facts import WATCHED, NamespaceFacts, NodeFacts, PodFacts, Seen, Unknown
from tests.ipam.agent.clients import ask, running
from tests.ipam.agent.threads import agent_thread
from tests.ipam.calls import environment, k8s, make_store, namespace, network, pod, pool

MAX_AGE = 60
NOW = 1_800_000_000
PREFERRED = {"matchLabels": {"zone": "a"}}
ANYWHERE = pool("anywhere", "10.0.1.1-10.0.1.9", default=True)
WORLD = pool("near", "10.0.0.1-10.0.0.9", default=True, nodeAffinity=PREFERRED) + ANYWHERE


class Watched:
    """A made-up watch: a Pod, its Namespace and its Node, each last confirmed so long ago."""

    def __init__(self) -> None:
        self.ages = {"pod": 0, "namespace": 0, "node": 0}
        self.source = WATCHED
        self.known: Unknown | None = None

    def _seen(self, what: str) -> Seen:
        return Seen("7", self.source, NOW - self.ages[what])

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        labels = {"app": "web"}
        return self.known or PodFacts(namespace, name, labels, {}, uid, seen=self._seen("pod"))

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        return NamespaceFacts(name, {}, {}, seen=self._seen("namespace"))

    def node(self, name: str) -> NodeFacts | Unknown:
        return NodeFacts(name, {"zone": "a"}, seen=self._seen("node"))


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def agent(tmp_path: Path, watched: Watched) -> Iterator[Path]:
    """An agent's socket."""
    db, path = make_store(tmp_path / "ipam.db", WORLD), tmp_path / "agent.sock"
    watch = Watch(lambda _: watched, MAX_AGE, lambda: NOW + 0.5)
    limits = Limits(patience_seconds=0.1)
    with agent_thread(db, path, limits, lambda database: WatchedStore(database, watch)):
        yield path


def add(path: Path, container: str = "c1") -> tuple[int, Any]:
    document = json.dumps(network(path.parent / "ipam.db", "1.1.0"))
    return ask(path, environment("ADD", container, args=k8s("web")), document)


def test_what_is_fresh_decides(agent: Path, watched: Watched) -> None:
    watched.ages = dict.fromkeys(watched.ages, MAX_AGE)
    code, answer = add(agent)
    assert (code, answer["ips"]) == (0, [{"address": "10.0.0.1/16"}])


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (
            "node",
            "cannot decide yet for pod default/web: IPv4 pool near, nodeAffinity wants "
            'node.label["zone"] in {"a"}, but node node1 is not known: the watch is behind: it was '
            "seen 61 s ago, and may be 60 s old",
        ),
        (
            "pod",
            "pod default/web is not known: the watch is behind: it was seen 61 s ago, and may be "
            "60 s old",
        ),
        (
            "namespace",
            "namespace default is not known: the watch is behind: it was seen 61 s ago, and may "
            "be 60 s old",
        ),
    ],
)
def test_what_is_stale_is_try_again_and_no_lesser_pool(
    agent: Path, watched: Watched, what: str, message: str
) -> None:
    watched.ages[what] = MAX_AGE + 1
    code, error = add(agent)
    assert (code, error["code"], error["msg"]) == (1, 11, message)
    assert error["details"].startswith("see why the watch is behind, or raise `--max-fact-age`")


def test_what_is_confirmed_again_decides_again(agent: Path, watched: Watched) -> None:
    watched.ages["node"] = 10 * MAX_AGE
    assert add(agent)[1]["code"] == 11
    watched.ages["node"] = 0
    assert add(agent)[0] == 0


def test_what_was_given_stays_given_whatever_the_age_of_facts(
    agent: Path, watched: Watched
) -> None:
    code, answer = add(agent)
    watched.ages = dict.fromkeys(watched.ages, 10 * MAX_AGE)
    assert add(agent) == (code, answer), "the stored answer"
    document = json.dumps(network(agent.parent / "ipam.db", "1.1.0"))
    assert ask(agent, environment("DEL"), document) == (0, None)


def test_facts_that_nobody_watches_do_not_age(agent: Path, watched: Watched) -> None:
    watched.source = "store"
    watched.ages = dict.fromkeys(watched.ages, 10**9)
    assert add(agent)[0] == 0


def test_no_limit_is_no_limit() -> None:
    watched = Watched()
    watched.ages["pod"] = 10**9
    found = FreshFacts(watched, 0, NOW).pod("default", "web", "")
    assert isinstance(found, PodFacts)


def test_what_is_unknown_stays_as_it_is_told() -> None:
    nobody = Unknown("pod default/web", "nobody knows it", "wait")
    watched = Watched()
    watched.known = nobody
    assert FreshFacts(watched, MAX_AGE, NOW).pod("default", "web", "") == nobody


def test_what_was_applied_long_ago_serves_an_agent_with_a_limit(tmp_path: Path) -> None:
    world = WORLD + namespace("default") + pod("web") + node("node1", zone="a")
    db = make_store(tmp_path / "ipam.db", world)  # applied years before now
    with running(db, "--max-fact-age", "1") as agent:
        assert agent.ask(environment("ADD", args=k8s("web")))[0] == 0


def node(name: str, **labels: str) -> str:
    document = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
    return "---\n" + json.dumps(document) + "\n"


ZONE: dict[str, dict[str, object]] = {
    "In": {"key": "zone", "operator": "In", "values": ["a"]},
    "NotIn": {"key": "zone", "operator": "NotIn", "values": ["a"]},
    "Exists": {"key": "zone", "operator": "Exists"},
    "DoesNotExist": {"key": "zone", "operator": "DoesNotExist"},
}


@pytest.mark.parametrize("operator", ZONE)
@pytest.mark.parametrize("alone", [True, False], ids=["no other pool", "a lesser pool"])
def test_a_check_on_an_unknown_section_neither_refuses_nor_falls_through(
    tmp_path: Path, operator: str, alone: bool
) -> None:
    wanted = {"matchExpressions": [ZONE[operator]]}
    world = pool("near", "10.0.0.1-10.0.0.9", default=True, nodeAffinity=wanted)
    world += "" if alone else ANYWHERE
    db = make_store(tmp_path / "ipam.db", world + namespace("default") + pod("web"))
    with running(db, "--pod-wait", "0") as agent:
        code, error = agent.ask(environment("ADD", args=k8s("web")))
        assert (code, error["code"]) == (1, 11), error
        assert "node node1 is not known: the store knows no Node `node1`" in error["msg"]
        assert "supply node node1 with `poolweaver apply -f FILE`" in error["details"]
        zone = {"In": {"zone": "a"}, "Exists": {"zone": "a"}}.get(operator, {})
        make_store(db, node("node1", **zone))
        code, answer = agent.ask(environment("ADD", args=k8s("web")))
        assert (code, answer["ips"]) == (0, [{"address": "10.0.0.1/16"}])
