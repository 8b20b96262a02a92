"""The agent as its clients see it: a process of its own on a real store."""

from __future__ import annotations

import json
import signal
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ipam.agent.protocol import Question, question_bytes, read_answer
from store.database import open_database
from store.repair import check
from store.store import open_store
from tests.ipam.agent.clients import Agent, ask, connect, read_all, running, start
from tests.ipam.calls import environment, k8s, make_store, namespace, network, pod, pool

WORLD = pool("p", "10.0.0.1-10.0.0.99", default=True) + namespace("default") + pod("web")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", WORLD)


@pytest.fixture
def agent(db: Path) -> Iterator[Agent]:
    with running(db) as found:
        yield found


def test_an_address_is_claimed_repeated_checked_and_released(agent: Agent) -> None:
    code, answer = agent.ask(environment("ADD", args=k8s("web")))
    assert (code, answer["ips"]) == (0, [{"address": "10.0.0.1/16"}])
    assert agent.ask(environment("ADD", args=k8s("web"))) == (0, answer)
    assert agent.ask(environment("CHECK"), prevResult=answer) == (0, None)
    assert agent.ask({"CNI_COMMAND": "STATUS"}) == (0, None)
    assert agent.ask(environment("DEL")) == (0, None)
    assert agent.ask(environment("DEL")) == (0, None)
    assert agent.ask(environment("CHECK"))[1]["code"] == 105
    log = agent.stop()
    assert [line["message"] for line in log if line.get("verb") == "ADD"] == [
        "ADD: 10.0.0.1/16 of p to default/web (claimed)",
        "ADD: 10.0.0.1/16 of p to default/web (repeated)",
    ]
    assert agent.process.returncode == 0
    assert not agent.path.exists()


def test_many_clients_at_once_get_an_address_each(agent: Agent) -> None:
    def add(number: int) -> str:
        code, answer = agent.ask(environment("ADD", f"c{number}"))
        assert code == 0, answer
        return str(answer["ips"][0]["address"])

    with ThreadPoolExecutor(32) as clients:
        assert len(set(clients.map(add, range(99)))) == 99
    assert agent.ask(environment("ADD", "one-more"))[1]["code"] == 103
    with open_store(str(agent.db)) as store:
        assert check(store) == []
        assert len(store.leases.by_pool("p")) == 99


def test_what_was_answered_survives_sigkill(db: Path) -> None:
    with running(db) as agent:
        _, answer = agent.ask(environment("ADD", args=k8s("web")))
        agent.stop(signal.SIGKILL)
    with running(db) as again:  # the socket that the dead one left is replaced
        assert again.ask(environment("ADD", args=k8s("web"))) == (0, answer)


def test_a_pod_that_arrives_while_its_add_waits_is_served(agent: Agent) -> None:
    answers = []
    env = environment("ADD", args=k8s("late"))
    client = threading.Thread(target=lambda: answers.append(agent.ask(env)))
    client.start()
    time.sleep(0.3)
    make_store(agent.db, pod("late"))
    client.join()
    assert answers[0][0] == 0, answers


def test_a_pod_that_does_not_arrive_is_try_again(db: Path) -> None:
    with running(db, "--pod-wait", "0.1") as agent:
        code, error = agent.ask(environment("ADD", args=k8s("nobody")))
        assert (code, error["code"]) == (1, 11)
        assert error["msg"].startswith("pod default/nobody is not known")


def test_a_call_that_waits_for_its_pod_keeps_one_refusal_when_it_is_answered(db: Path) -> None:
    """However often it was tried meanwhile: ids are given to what was answered alone."""
    with running(db, "--pod-wait", "1") as agent:
        answers = []
        env = environment("ADD", args=k8s("nobody"))
        client = threading.Thread(target=lambda: answers.append(agent.ask(env)))
        client.start()
        for number in range(5):  # each of these lets it be tried again
            time.sleep(0.1)
            make_store(db, namespace(f"other-{number}"))
        client.join()
        assert (answers[0][0], answers[0][1]["code"]) == (1, 11)
        assert "decision 1 is kept" in answers[0][1]["details"]
    with open_store(str(db)) as store:
        assert store.decisions.newest_number() == 1
        assert [one.number for one in store.decisions.refusals("default", "nobody")] == [1]


def test_pools_of_another_process_serve_at_once(agent: Agent) -> None:
    make_store(agent.db, pool("a", "10.0.1.1", default=True))
    code, answer = agent.ask(environment("ADD"))
    assert (code, answer["ips"]) == (0, [{"address": "10.0.1.1/16"}])


def test_who_asked_before_the_stop_is_answered(db: Path) -> None:
    with running(db, "--pod-wait", "20") as agent, connect(agent.path) as client:
        config = json.dumps(network(db))
        client.sendall(question_bytes(Question(environment("ADD", args=k8s("nobody")), config)))
        time.sleep(0.3)
        agent.process.send_signal(signal.SIGTERM)
        code, text = read_answer(read_all(client))
        assert (code, json.loads(text)["code"]) == (1, 11)
        agent.process.wait(60)
        assert agent.process.returncode == 0


def test_a_writer_that_holds_the_store_is_waited_for(agent: Agent) -> None:
    database = open_database(str(agent.db))
    database.run("BEGIN IMMEDIATE")
    answers = []
    client = threading.Thread(target=lambda: answers.append(agent.ask(environment("ADD"))))
    client.start()
    time.sleep(1)
    assert answers == []
    assert agent.ask({"CNI_COMMAND": "STATUS"}) == (0, None), "who only reads does not wait"
    database.run("COMMIT")
    database.close()
    client.join()
    assert answers[0][0] == 0


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"", b""),
        (b"\x02", b"\x01\xff\0\0\0\0"),
        (b"GET / HTTP/1.1\r\n\r\n", b"\x01\xff\0\0\0\0"),
        (struct.pack(">BII", 1, 1 << 31, 0), b""),
        (struct.pack(">BII", 1, 0, (1 << 20) + 1), b""),
        (question_bytes(Question({}, "{}")) + b"more", b""),
        (question_bytes(Question({"CNI_COMMAND": "ADD"}, "{}"))[:-1], b""),
    ],
)
def test_who_is_no_client_is_sent_away_and_others_are_served(
    agent: Agent, data: bytes, answer: bytes
) -> None:
    with connect(agent.path) as client:
        client.sendall(data)
        client.shutdown(1)
        assert read_all(client) == answer
    assert agent.ask({"CNI_COMMAND": "STATUS"}) == (0, None)


def test_a_call_in_pieces_is_one_call(agent: Agent) -> None:
    data = question_bytes(Question(environment("ADD"), json.dumps(network(agent.db))))
    with connect(agent.path) as client:
        for byte in data:
            client.sendall(bytes([byte]))
        assert read_answer(read_all(client))[0] == 0


def test_a_call_that_is_no_cni_call_gets_its_error(agent: Agent) -> None:
    code, error = ask(agent.path, environment("ADD"), "no json")
    assert (code, error["code"]) == (1, 6)
    code, error = ask(agent.path, {"CNI_COMMAND": "ADD"}, "{}")
    assert (code, error["code"]) == (1, 4)


def test_two_agents_do_not_share_a_socket(agent: Agent) -> None:
    second = start(agent.db, agent.path)
    _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert err == (
        f"error[agent-socket]: an agent listens on `{agent.path}` already\n"
        "  hint: stop it first, or name another path with `--socket`\n"
    )
    assert agent.ask({"CNI_COMMAND": "STATUS"}) == (0, None)


def test_the_socket_is_its_owners_alone(agent: Agent) -> None:
    assert agent.path.stat().st_mode & 0o777 == 0o600
