"""`reconcile` as a command: its lists, what it prints, and what it says to do next."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ipam.allocate import allocate
from ipam.apply import apply
from ipam.request import Request
from model.leases import Attachment
from store.create import create_store
from store.store import open_store
from tests.cli.conftest import Cli, Outcome
from tests.ipam.calls import pool
from tests.ipam.stateful import document

HEADING = ["ADDRESS", "POOL", "POD", "RESULT", "WHY"]
Run = Callable[..., Outcome]


def manifest(name: str, namespace: str = "shop") -> str:
    annotations = {"ipam.spidernet.io/ippool": json.dumps({"ipv4": ["a"]})}
    metadata = {"uid": f"u-{name}", "annotations": annotations}
    return document("Pod", name, namespace, metadata=metadata)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Pods shop/web-0 to web-2 and db/db-0 hold 10.0.0.1 to .4, since an hour, on node1."""
    path = tmp_path / "ipam.db"
    with create_store(path) as store:
        pods = [("shop", f"web-{i}") for i in range(3)] + [("db", "db-0")]
        texts = [pool("a", "10.0.0.1-10.0.0.99"), *(manifest(name, ns) for ns, name in pods)]
        hour_ago = int(time.time()) - 3600
        apply(store, [("m.yaml", "".join(texts).encode())], hour_ago)
        store.settings.bind_node("node1")
        for i, (namespace, name) in enumerate(pods):
            place = Attachment("node1", "net0", f"{i}" * 64, "eth0")
            allocate(store, Request(place, namespace, name, f"u-{name}"), hour_ago)
    return path


def listed(path: Path, *names: str, age: int = 0, node: str = "") -> Path:
    """A file with the list of the Pods `namespace/name`, printed `age` seconds ago."""
    items = []
    for name in names:
        namespace, _, own = name.partition("/")
        metadata = {"name": own, "namespace": namespace, "uid": f"u-{own}"}
        items.append({"kind": "Pod", "metadata": metadata, "spec": {"nodeName": node}})
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    stamp = int(time.time()) - age
    os.utime(path, (stamp, stamp))
    return path


def rows(out: str) -> list[list[str]]:
    return [line.split(maxsplit=4) for line in out.splitlines() if line[:3] in ("ADD", "10.")]


def states(db: Path) -> list[str]:
    with open_store(str(db)) as store:
        return [lease.state for lease in store.leases.by_pool("a")]


ALL = ("shop/web-0", "shop/web-1", "shop/web-2", "db/db-0")
GONE = "pod shop/web-0 is not there"


def test_all_pods_there_means_nothing_to_do(cli: Cli, tmp_path: Path, db: Path) -> None:
    done = cli("reconcile", "--pods", listed(tmp_path / "pods", *ALL))
    assert (done.code, done.out, done.err) == (0, "leases: 4 present\n", "")


def test_an_absent_pod_loses_its_address_at_the_second_look(
    cli: Cli, tmp_path: Path, db: Path
) -> None:
    first = listed(tmp_path / "pods", *ALL[1:], age=400)
    done = cli("reconcile", "--pods", first)
    assert rows(done.out) == [
        HEADING,
        ["10.0.0.1", "a", "shop/web-0", "seen-absent", f"{GONE}; seen for the first time"],
    ]
    ready = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(first.stat().st_mtime + 300))
    assert done.out.splitlines()[2:] == [
        "leases: 1 seen-absent, 3 present",
        f"next: run it again with a list that is printed then, at {ready} or later: who is still "
        "absent loses the address",
    ]
    again = cli("reconcile", "--pods", first)  # the same list is the same look, however late
    assert rows(again.out)[1][3:] == ["waiting", f"{GONE}; 300 s of grace are left"]
    planned = cli("reconcile", "--pods", listed(tmp_path / "pods", *ALL[1:]), "--dry-run")
    assert planned.out.splitlines()[-2:] == [
        "leases: 1 released, 3 present (dry run: nothing was changed)",
        "next: the same without --dry-run does it",
    ]
    assert states(db) == ["bound"] * 4
    done = cli("reconcile", "--pods", tmp_path / "pods")
    assert rows(done.out)[1] == ["10.0.0.1", "a", "shop/web-0", "released", GONE]
    assert done.out.splitlines()[-1] == "leases: 1 released, 3 present"
    assert states(db) == ["resting", "bound", "bound", "bound"]


def test_a_list_says_nothing_of_what_came_after_it(cli: Cli, tmp_path: Path, db: Path) -> None:
    old = listed(tmp_path / "pods", "shop/web-1", "db/db-0", age=7200)
    done = cli("reconcile", "--pods", old)
    assert [row[3] for row in rows(done.out)[1:]] == ["newer"] * 4
    assert done.out.splitlines()[-1] == (
        "next: run it again with a list that is printed then for those that are changed, busy or "
        "newer"
    )


def test_the_limit_says_how_many_are_left_and_what_to_do(
    cli: Cli, tmp_path: Path, db: Path
) -> None:
    cli("reconcile", "--pods", listed(tmp_path / "pods", *ALL[2:], age=400))
    done = cli("reconcile", "--pods", listed(tmp_path / "pods", *ALL[2:]))
    assert [row[3] for row in rows(done.out)[1:]] == ["released", "over-limit"]
    assert done.out.splitlines()[-1] == (
        "next: 1 is left because of the limit of 1 a run: see that these Pods are gone, then run "
        "it again with a list that is printed then, or with --force for all of them"
    )


def test_wide_shows_all_and_json_too(cli: Cli, tmp_path: Path, db: Path) -> None:
    pods = listed(tmp_path / "pods", *ALL)
    assert len(rows(cli("reconcile", "--pods", pods, "-o", "wide").out)) == 5
    value = json.loads(cli("reconcile", "--pods", pods, "-o", "json").out)
    assert value["leases"][0] == {
        "address": "10.0.0.1",
        "pool": "a",
        "pod": "shop/web-0",
        "result": "present",
        "reason": "pod shop/web-0 is there",
    }
    assert {key: value[key] for key in value if key != "leases"} == {
        "dryRun": False, "limit": 1, "readyAt": None, "counts": {"present": 4},
    }  # fmt: skip


FORCE = "; add --force if it is"
SUSPECT: list[tuple[str, Sequence[str], str, str, str]] = [
    (
        "no Pod at all",
        (),
        "",
        "the list has no Pod, but leases are held in namespace `db`, `shop`",
        f"see that it is the list of all Pods of all namespaces{FORCE}",
    ),
    (
        "one namespace",
        ("shop/web-0", "shop/other"),
        "",
        "the list has Pods of namespace `shop` alone, but leases are held in namespace `db`",
        f"print all namespaces: `kubectl get pods -A`{FORCE}",
    ),
    (
        "another node",
        ("shop/x", "db/y"),
        "node2",
        "the list has Pods of node `node2` alone, but the store serves `node1`",
        f"print the Pods of all nodes, or of that one{FORCE}",
    ),
]


@pytest.mark.parametrize(
    ("names", "node", "message", "hint"),
    [row[1:] for row in SUSPECT],
    ids=[row[0] for row in SUSPECT],
)
def test_a_list_that_cannot_be_whole_is_refused_but_for_force(
    cli: Cli, tmp_path: Path, db: Path, names: Sequence[str], node: str, message: str, hint: str
) -> None:
    path = listed(tmp_path / "pods", *names, node=node)
    done = cli("reconcile", "--pods", path)
    assert (done.code, done.out) == (3, "")
    assert done.err == f"{path}:1:1: error[incomplete-list]: {message}\n  hint: {hint}\n"
    assert cli("reconcile", "--pods", path, "--force", "--dry-run").code == 0


def test_the_pods_of_this_node_alone_are_enough(cli: Cli, tmp_path: Path, db: Path) -> None:
    path = listed(tmp_path / "pods", *ALL, node="node1")
    assert cli("reconcile", "--pods", path).out == "leases: 4 present\n"


def test_a_store_that_knows_no_pod_asks_for_a_list(cli: Cli, db: Path) -> None:
    for name in ALL:
        namespace, _, own = name.partition("/")
        cli("delete", "pod", own, "-n", namespace)
    done = cli("reconcile")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error[invalid-argument]: the store knows no Pod, but leases are held in namespace `db`, "
        "`shop`\n  hint: give the Pods there are with `--pods`; add --force if there truly is none\n"
    )
    assert rows(cli("reconcile", "--force").out)[1][3] == "seen-absent"


SANDBOX = "the sandbox {} of pod shop/web-0 is gone"
BOXES = [
    ("ids", "\n".join(f"{i}" * 64 for i in (1, 2, 3))),
    ("short ids", "\n".join(f"{i}" * 12 for i in (1, 2, 3)) + "\n"),
    (
        "crictl",
        json.dumps(
            {
                "items": [
                    {"id": f"{i}" * 64, "state": "SANDBOX_READY" if i else "SANDBOX_NOTREADY"}
                    for i in range(4)
                ]
            }
        ),
    ),
    ("podman", json.dumps([{"Id": f"{i}" * 64} for i in (1, 2, 3)])),
]


@pytest.mark.parametrize("text", [row[1] for row in BOXES], ids=[row[0] for row in BOXES])
def test_a_pod_whose_sandbox_does_not_run_is_absent(cli: Cli, db: Path, text: str) -> None:
    done = cli("reconcile", "--sandboxes", "-", stdin=text)
    reason = SANDBOX.format("0" * 64)
    assert rows(done.out)[1:] == [
        ["10.0.0.1", "a", "shop/web-0", "seen-absent", f"{reason}; seen for the first time"]
    ]
    assert "leases: 1 seen-absent, 3 present" in done.out


def test_of_the_sandboxes_of_another_node_nothing_follows(cli: Cli, db: Path) -> None:
    done = cli("reconcile", "--sandboxes", "-", "--node", "node2", stdin="x\n")
    assert done.out == "leases: 4 present\n"


BAD_BOXES: list[tuple[str, str, str, int, str, str]] = [
    ("none", "", "incomplete-list", 1, "the list has no sandbox", "; add --force if none runs"),
    ("words", "CONTAINER ID\n", "invalid-value", 1, "this line is no container id", ""),
    ("other JSON", "{}", "invalid-value", 1, "the file is JSON, but no list of sandboxes", ""),
]


@pytest.mark.parametrize(
    ("text", "code", "line", "message", "more"),
    [row[1:] for row in BAD_BOXES],
    ids=[row[0] for row in BAD_BOXES],
)
def test_a_list_of_sandboxes_that_is_none_is_refused(
    cli: Cli, db: Path, text: str, code: str, line: int, message: str, more: str
) -> None:
    done = cli("reconcile", "--sandboxes", "-", stdin=text)
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"-:{line}:1: error[{code}]: {message}\n  hint: give what `crictl pods -o json` prints, or "
        f"one container id a line{more}\n"
    )


def test_a_store_of_no_node_asks_whose_sandboxes_they_are(cli: Cli, db: Path) -> None:
    cli("config", "set", "node_binding", "off")
    done = cli("reconcile", "--sandboxes", "-", stdin="x\n")
    assert done.code == 1
    assert "it is not clear whose sandboxes these are" in done.err
    assert "--node" in done.err


def test_two_lists_cannot_both_be_standard_input(cli: Cli, db: Path) -> None:
    done = cli("reconcile", "--pods", "-", "--sandboxes", "-", "--force")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("--pods and --sandboxes cannot both be standard input\n")


def test_a_grace_of_ages_is_waited_for(cli: Cli, tmp_path: Path, db: Path) -> None:
    some = listed(tmp_path / "pods", "shop/web-0", "db/db-0")
    done = cli("reconcile", "--pods", some, "--grace", 10**15)
    assert (done.code, done.err) == (0, "")
    assert "at 9999-12-31T23:59:59Z or later" in done.out


@pytest.mark.parametrize("value", ["-1", "soon"])
def test_a_grace_that_makes_no_sense_is_a_usage_error(cli: Cli, db: Path, value: str) -> None:
    assert cli("reconcile", "--grace", value).code == 2


def test_a_folder_and_a_missing_file_are_errors(cli: Cli, tmp_path: Path, db: Path) -> None:
    done = cli("reconcile", "--pods", tmp_path)
    assert done.err == (
        f"error[invalid-argument]: `{tmp_path}` is a folder\n  hint: give one file to --pods\n"
    )
    assert cli("reconcile", "--pods", tmp_path / "no").err.startswith("error[unreadable-file]: ")


def test_the_last_lease_of_a_drained_pool_takes_the_pool_along(
    cli: Cli, tmp_path: Path, db: Path
) -> None:
    cli("delete", "sp", "a", "--drain")
    nobody: Any = listed(tmp_path / "pods", "x/y", age=400)
    cli("reconcile", "--pods", nobody, "--force")
    cli("reconcile", "--pods", listed(tmp_path / "pods", "x/y"), "--force")
    assert cli("get", "sp", "-o", "name").out == ""
