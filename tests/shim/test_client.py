"""The client against agents that are dead, slow, cut short or of another version."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ipam.agent.protocol import answer_bytes, read_question, unknown_version_bytes
from ipam.cni_config import VERSIONS
from tests.shim.build import SANITIZERS, call, compiled, installed

ENV = {
    "CNI_COMMAND": "ADD",
    "CNI_CONTAINERID": "c1",
    "CNI_IFNAME": "eth0",
    "PATH": "/usr/bin",
    "HOME": "/",
}
Talk = Callable[[socket.socket], None]


@pytest.fixture(scope="module", params=["installed", "sanitized"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it is installed; and with sanitizers and a deadline of one second."""
    if request.param == "installed":
        return installed()
    return sanitized(tmp_path_factory.mktemp("client"))


def sanitized(folder: Path) -> Path:
    return compiled(folder, *SANITIZERS, "-DDEADLINE_SECONDS=1")


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sanitized(tmp_path_factory.mktemp("hasty"))


@contextmanager
def agent(path: Path, talk: Talk) -> Iterator[None]:
    """Somebody who listens at `path` and talks to one client."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        listener.close()


def config(path: Path, **more: Any) -> bytes:
    return json.dumps({"cniVersion": "1.0.0", "ipam": {"socket": str(path)}, **more}).encode()


def receive(connection: socket.socket) -> Any:
    data = b""
    while (question := read_question(data)) is None:
        chunk = connection.recv(65536)
        assert chunk, "the client went away"
        data += chunk
    return question


def error_of(answer: tuple[int, bytes, bytes]) -> Any:
    code, out, err = answer
    assert (code, err) == (1, b"")
    return json.loads(out)


def test_the_call_goes_over_and_the_answer_comes_back(client: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    asked = []

    def talk(connection: socket.socket) -> None:
        asked.append(receive(connection))
        connection.sendall(answer_bytes(7, '{"ips": []}\n'))

    stdin = config(path, text="ü\u2028\\")
    with agent(path, talk):
        answer = call(client, {**ENV, "CNI_ARGS": "A=b;C=d=e"}, stdin)
    assert answer == (7, b'{"ips": []}\n', b"")
    assert asked[0].document.encode() == stdin
    cni = {name: value for name, value in ENV.items() if name.startswith("CNI_")}
    assert asked[0].variables == {**cni, "CNI_ARGS": "A=b;C=d=e"}, (
        "and nothing else of the environment"
    )


def test_an_answer_without_a_document_prints_nothing(client: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"

    def talk(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(answer_bytes(0, ""))

    with agent(path, talk):
        assert call(client, {**ENV, "CNI_COMMAND": "DEL"}, config(path)) == (0, b"", b"")


def test_question_and_answer_may_come_in_pieces_and_be_large(client: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    text = json.dumps({"text": "x" * 1_000_000}) + "\n"

    def talk(connection: socket.socket) -> None:
        receive(connection)
        data = answer_bytes(0, text)
        for byte in data[:8]:
            connection.sendall(bytes([byte]))
            time.sleep(0.01)
        connection.sendall(data[8:])

    with agent(path, talk):
        assert call(client, ENV, config(path, pad="y" * 1_000_000)) == (0, text.encode(), b"")


def test_a_dead_agent_is_try_again_and_names_the_socket(client: Path, tmp_path: Path) -> None:
    path = tmp_path / "none.sock"
    error = error_of(call(client, ENV, config(path)))
    assert (error["cniVersion"], error["code"]) == ("1.0.0", 11)
    assert error["msg"] == f"the agent cannot be reached at `{path}`: No such file or directory"
    assert "is the agent running?" in error["details"]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.close()
    error = error_of(call(client, ENV, config(path)))
    assert error["msg"] == f"the agent cannot be reached at `{path}`: Connection refused"


def test_without_a_socket_in_the_configuration_the_default_counts(client: Path) -> None:
    error = error_of(call(client, ENV, b'{"ipam": {"type": "poolweaver"}}'))
    assert (error["cniVersion"], error["code"]) == ("0.1.0", 11)
    assert error["msg"].startswith("the agent cannot be reached at `/run/poolweaver/agent.sock`: ")


@pytest.mark.parametrize(
    ("talk", "message"),
    [
        (lambda _: None, "the agent went away without an answer, at"),
        (receive, "the agent went away without an answer, at"),
        (lambda c: (receive(c), c.sendall(b"\x01\x00\0\0")), "the agent went away without an answer, at"),
        (lambda c: (receive(c), c.sendall(answer_bytes(0, "x" * 100)[:50])), "the agent went away in its answer, at"),
        (lambda c: (receive(c), c.sendall(struct.pack(">BBI", 1, 0, 1 << 31))), "an answer that is too long came from the agent at"),
        (lambda c: (receive(c), c.sendall(unknown_version_bytes())), "the agent and this plugin speak different versions"),
        (lambda c: (receive(c), c.sendall(b"\x02\x00\0\0\0\0")), "the agent and this plugin speak different versions"),
    ],
    ids=["silent", "mute", "short header", "short answer", "too long", "unknown version", "newer version"],
)  # fmt: skip
def test_an_agent_that_does_not_answer_as_it_should_is_try_again(
    client: Path, tmp_path: Path, talk: Talk, message: str
) -> None:
    path = tmp_path / "a.sock"
    with agent(path, talk):
        error = error_of(call(client, ENV, config(path)))
    assert error["code"] == 11
    assert error["msg"].startswith(message)


@pytest.mark.parametrize("sent", [b"", b"\x01\x00", answer_bytes(0, "x" * 100)[:50]])
def test_a_slow_agent_is_try_again_after_the_deadline(
    hasty: Path, tmp_path: Path, sent: bytes
) -> None:
    path = tmp_path / "a.sock"
    done = threading.Event()

    def talk(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(sent)
        done.wait(60)

    with agent(path, talk):
        error = error_of(call(hasty, ENV, config(path)))
        done.set()
    assert (error["code"], error["msg"]) == (11, f"no answer in time from the agent at `{path}`")


def test_an_agent_that_does_not_read_is_try_again_after_the_deadline(
    hasty: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.sock"
    done = threading.Event()
    with agent(path, lambda _: (done.wait(60), None)[1]):
        error = error_of(call(hasty, ENV, config(path, pad="y" * 1_000_000)))
        done.set()
    assert (error["code"], error["msg"]) == (11, f"no answer in time from the agent at `{path}`")


def test_input_that_is_too_long_is_refused(client: Path, tmp_path: Path) -> None:
    error = error_of(call(client, ENV, b" " * ((1 << 20) + 1)))
    assert (error["code"], error["msg"]) == (7, "the network configuration is longer than 1 MiB")
    many = {f"CNI_{number}": "x" * 1000 for number in range(70)}
    error = error_of(call(client, {**ENV, **many}, b'{"ipam": {}}'))
    assert (error["code"], error["msg"]) == (
        4,
        "the CNI_* variables are longer than 64 KiB together",
    )
    error = error_of(call(client, ENV, config(tmp_path / ("x" * 200))))
    assert error["code"] == 7
    assert error["msg"] == "`ipam.socket` is longer than the path of a socket may be"


def test_version_needs_no_agent(client: Path) -> None:
    env = {"CNI_COMMAND": "VERSION"}
    for stdin, version in ((b"", "1.1.0"), (b'{"cniVersion": "0.4.0"}', "0.4.0")):
        code, out, _ = call(client, env, stdin)
        assert code == 0
        assert json.loads(out) == {"cniVersion": version, "supportedVersions": list(VERSIONS)}


def test_without_a_command_it_says_what_it_is(client: Path) -> None:
    code, out, err = call(client, {"PATH": "/usr/bin"}, b"")
    assert (code, out) == (0, b"")
    assert b"poolweaver: a CNI IPAM plugin" in err
    assert ", ".join(VERSIONS).encode() in err


@pytest.mark.parametrize(
    ("document", "socket_path"),
    [
        ('{"ipam": {"socket": "/s\\u00e9\\ud83d\\ude00\\n\\/x"}}', "/sé😀\n/x"),
        ('{"a": {"ipam": {"socket": "/no"}}, "ipam" : [1, {"socket": "/no"}], "ipam": {"x": "}", "socket" : "/yes"}}', "/yes"),
        ('{"ipam": {"socket": "/a", "socket": "/b"}}', "/b"),
        ('{"name": "\\"ipam\\": {", "ipam": {"y": [[[{"socket": "/no"}]]], "socket": "/c"}}', "/c"),
        ('{"ipam": {"socket": 5}}', "/run/poolweaver/agent.sock"),
        ('{"ipam": {"socket": "\\ud800"}}', "/run/poolweaver/agent.sock"),
        ('{"ipam": {"socket": "\\u0000"}}', "/run/poolweaver/agent.sock"),
    ],
)  # fmt: skip
def test_the_socket_is_read_as_the_agent_would_read_it(
    client: Path, document: str, socket_path: str
) -> None:
    error = error_of(call(client, ENV, document.encode()))
    assert error["msg"].startswith(f"the agent cannot be reached at `{socket_path}`: ")


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        ("", 6, "the network configuration is not a JSON object"),
        ("[" * 100_000, 6, "the network configuration is not a JSON object"),
        ('[{"ipam": {"socket": "/no"}}]', 6, "the network configuration is not a JSON object"),
        ("{}", 7, "the network configuration has no `ipam` object"),
        ('{"ipam": "/no"}', 7, "the network configuration has no `ipam` object"),
        ('{"ipam": {"socket": "/cut', 6, "the network configuration is not a JSON object"),
        ('{"ipam": {}} more', 6, "the network configuration is not a JSON object"),
        ("{no json}", 6, "the network configuration is not a JSON object"),
    ],
)
def test_without_a_configuration_there_is_no_agent_to_ask(
    client: Path, document: str, code: int, message: str
) -> None:
    error = error_of(call(client, ENV, document.encode()))
    assert (error["code"], error["msg"]) == (code, message)


def test_bytes_that_are_no_text_do_not_break_the_error(client: Path) -> None:
    error = error_of(
        call(client, ENV, b'{"cniVersion": "\xff\x01", "ipam": {"socket": "/\xed\xa0\x80\x7f"}}')
    )
    assert error["cniVersion"] == "\ufffd\x01"
    assert "`/\ufffd\ufffd\ufffd\x7f`" in error["msg"]
