"""`poolweaver replay` and `explain --last`, as people and programs read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ipam.allocate import allocate
from ipam.request import Request
from model.errors import DecisionError
from model.leases import Attachment
from store.store import open_store
from tests.cli.conftest import Cli
from tests.ipam.calls import namespace, pod, pool

AT = 1_700_000_000
POOL = pool("a", "10.0.0.1-10.0.0.9", default=True, podAffinity={"matchLabels": {"app": "web"}})
Ask = Callable[..., int]


@pytest.fixture
def ask(cli: Cli, db: Path) -> Ask:
    """An ADD for default/NAME; the id of its decision."""

    def ask(name: str, nic: str = "eth0", at: int = AT) -> int:
        with open_store(str(db)) as store:
            request = Request(Attachment("node1", "net0", f"c-{name}", nic), "default", name)
            try:
                lease = allocate(store, request, at).leases[0]
            except DecisionError as error:
                return error.decision_id
            return store.journal.of_address(lease.family, lease.address)[-1].decision_id

    cli("apply", "-f", "-", stdin=POOL + namespace("default") + pod("web", app="web") + pod("db"))
    return ask


def test_a_claim_is_replayed_by_number_and_by_pod(cli: Cli, ask: Ask) -> None:
    number = ask("web")
    shown = cli("replay", number)
    assert (shown.code, shown.out) == (
        0,
        f"decision {number}, 2023-11-14T22:13:20Z: pod default/web, interface eth0, claimed "
        "10.0.0.1 of a\nsame: decided again from what was kept with it, it comes out alike\n",
    )
    assert cli("replay", "web").out == cli("replay", "pod/default/web").out == shown.out
    assert json.loads(cli("replay", "web", "-o", "json").out) == {
        "decision": number,
        "pod": "default/web",
        "nic": "eth0",
        "outcome": "claimed",
        "current": False,
        "same": True,
        "difference": None,
    }


def test_what_is_different_by_now_is_told_down_to_the_check(cli: Cli, ask: Ask) -> None:
    number = ask("web")
    cli("apply", "-f", "-", stdin=pod("web", app="shop"))
    shown = cli("replay", number, "--current")
    assert shown.code == 3
    assert shown.out.splitlines()[1:] == [
        "different: IPv4: pool a was eligible, and is filtered now",
        '  then: eligible; podAffinity wants pod.label["app"] in {"web"}, has "web"  (-:2:215)',
        '  now: filtered; podAffinity wants pod.label["app"] in {"web"}, has "shop"  (-:2:215)',
    ]
    document = json.loads(cli("replay", number, "--current", "-o", "json").out)
    assert (document["same"], document["difference"]["field"]) == (False, "podAffinity")
    assert cli("replay", number).code == 0


def test_an_export_is_replayed_where_there_is_no_store(
    cli: Cli, ask: Ask, db: Path, tmp_path: Path
) -> None:
    ask("web")
    text = cli("replay", "web", "--export").out
    (tmp_path / "d.json").write_text(text)
    told = cli("replay", "web").out
    db.unlink()
    assert cli("replay", tmp_path / "d.json").out == told
    assert cli("replay", "-", stdin=text).out == told
    assert cli("replay", tmp_path / "d.json", "--export").out == text
    changed = cli("replay", "-", stdin=text.replace('"app": "web"', '"app": "x"'))
    assert changed.code == 3
    assert "pool a is judged otherwise: podAffinity held then" in changed.out


@pytest.mark.parametrize(
    ("target", "code", "told"),
    [
        ("7", 1, "error[decision-not-kept]: there is no decision 7\n  hint: the newest one is 2\n"),
        (
            "1",
            1,
            "error[decision-not-kept]: decision 1 is not kept any more\n"
            "  hint: it was pruned, or another refusal of the same interface came after it\n",
        ),
        (
            "ghost",
            1,
            "error[decision-not-kept]: no decision about pod `default/ghost` is kept\n"
            "  hint: decisions are kept from the first ADD of a Pod on, until they are pruned\n",
        ),
        (
            "-",
            1,
            "error[invalid-decision]: `-` cannot be replayed: it is not JSON\n"
            "  hint: `poolweaver replay DECISION --export` writes such a file\n",
        ),
    ],
)
def test_what_cannot_be_replayed_is_a_clear_error(
    cli: Cli, ask: Ask, target: str, code: int, told: str
) -> None:
    ask("db")
    ask("db", at=AT + 1)
    result = cli("replay", target, stdin="no")
    assert (result.code, result.out, result.err) == (code, "", told)


def test_the_last_refusal_is_shown_as_it_happened(cli: Cli, ask: Ask) -> None:
    number = ask("db")
    cli("apply", "-f", "-", stdin=pod("db", app="web"))
    shown = cli("explain", "pod", "db", "--last")
    assert shown.code == 4
    lines = shown.out.splitlines()
    assert lines[0] == f"decision {number}, 2023-11-14T22:13:20Z: refused with `no-matching-pool`"
    assert '    FAIL podAffinity: wants pod.label["app"] in {"web"}, has none  (-:2:215)' in lines
    assert "the facts it saw:" in lines
    assert any(line.startswith("  pod db, labels none (store, revision 1, seen ") for line in lines)
    assert "  node node1 was not known: the store knows no Node `node1`" in lines
    later = ask("db", at=AT + 60)
    again = cli("explain", "pod", "db", "--last").out.splitlines()
    assert f"since then: decision {later}, 2023-11-14T22:14:20Z, gave eth0 10.0.0.1 of a" in again
    assert cli("explain", "pod", "db", "--last", "--nic", "net1").code == 1


def test_the_last_refusal_as_json_is_an_explanation_with_its_facts(cli: Cli, ask: Ask) -> None:
    number = ask("db")
    shown = cli("explain", "pod", "db", "--last", "-o", "json")
    assert shown.code == 4
    document = json.loads(shown.out)
    assert (document["decision"], document["at"]) == (number, "2023-11-14T22:13:20Z")
    assert document["error"]["code"] == "no-matching-pool"
    assert document["facts"]["pod"]["labels"] == {}
    assert document["considered"] == {"4": {"total": 1, "complete": True, "histogram": []}}
    (candidate,) = document["families"][0]["candidates"]
    assert [check["ok"] for check in candidate["checks"]] == [True, False]


def test_a_refusal_of_many_pools_is_told_with_the_numbers_of_then(cli: Cli, ask: Ask) -> None:
    pools = "".join(
        pool(
            f"p-{n}",
            f"10.1.{n}.1",
            f"10.1.{n}.0/24",
            default=True,
            podAffinity={"matchLabels": {"app": "web"}},
        )
        for n in range(60)
    )
    cli("apply", "-f", "-", stdin=pools)
    ask("db")
    for n in range(0, 60, 7):
        cli("delete", "sp", f"p-{n}")
    lines = cli("explain", "pod", "db", "--last").out.splitlines()
    assert "IPv4: 61 candidates from the set of pools with `spec.default: true`" in lines
    assert '         61 podAffinity pod.label["app"]' in lines


def test_a_pod_that_was_never_refused_has_no_last_refusal(cli: Cli, ask: Ask) -> None:
    ask("web")
    shown = cli("explain", "pod", "web", "--last")
    assert (shown.code, shown.err) == (
        1,
        "error[decision-not-kept]: no refusal of pod `default/web` is kept\n"
        "  hint: `poolweaver explain pod default/web` says what it would get now\n",
    )


@pytest.mark.parametrize("words", [["--last", "-f", "-"], ["pod", "web", "--last", "-f", "-"]])
def test_refusals_are_not_looked_for_in_files(cli: Cli, words: list[str]) -> None:
    result = cli("explain", *words)
    assert (result.code, "refusals are kept in the store" in result.err) == (2, True)
