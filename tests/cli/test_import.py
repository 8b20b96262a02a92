"""`poolweaver import spiderpool` as its user sees it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Cli

CASE = Path(__file__).parents[1] / "cases" / "spiderpool-state.yaml"
BROKEN = CASE.read_text(encoding="utf-8").replace("ipv4: 10.7.0.10/16", "ipv4: 10.7.0.99/16")
PROBLEMS = (
    (
        "-:106:21",
        "entry-without-endpoint",
        "status.allocatedIPs: `10.7.0.10` is held by `data/db-0`, which has no SpiderEndpoint "
        "with it",
        "export SpiderEndpoints of all namespaces, too (`-A`); if the Pod is gone, Spiderpool "
        "frees the address later, and --skip-unplaced goes on without it",
    ),
    (
        "-:191:15",
        "address-outside-pool",
        "status.current.ips[1].ipv4: `10.7.0.99` is not among the addresses of the pool "
        "`storage-v4`",
        "add it to `spec.ips` of the pool, and leave it out of `spec.excludeIPs`",
    ),
)


def listed(word: str) -> str:
    return "".join(
        f"{place}: {word}[{code}]: {message}\n  hint: {hint}\n"
        for place, code, message, hint in PROBLEMS
    )


def test_an_import_says_how_much_it_took_over(cli: Cli) -> None:
    result = cli("import", "spiderpool", CASE)
    assert (result.code, result.out, result.err) == (
        0,
        "5 pools: 5 created\n"
        "1 reserved-address object: 1 created\n"
        "6 addresses of 3 Pods: 6 taken over\n",
        "",
    )


def test_a_second_import_says_that_nothing_changed(cli: Cli) -> None:
    cli("import", "spiderpool", CASE)
    result = cli("import", "spiderpool", "-", stdin=CASE.read_text(encoding="utf-8"))
    assert (result.code, result.out, result.err) == (
        0,
        "5 pools: 5 unchanged\n"
        "1 reserved-address object: 1 unchanged\n"
        "6 addresses of 3 Pods: 6 unchanged\n",
        "",
    )


def test_a_dry_run_says_so_and_changes_nothing(cli: Cli, db: Path) -> None:
    result = cli("import", "spiderpool", "--dry-run", CASE)
    assert (result.code, result.out.count(" (dry run)\n")) == (0, 3)
    assert not db.parent.exists()


def test_what_cannot_be_taken_over_keeps_everything_out(cli: Cli) -> None:
    result = cli("import", "spiderpool", "-", stdin=BROKEN)
    assert (result.code, result.out, result.err) == (
        3,
        "",
        listed("error") + "error: 2 errors in the manifests; nothing was done\n",
    )
    assert cli("get", "sp").out == ""


def test_an_interface_that_stands_there_twice_is_no_crash(cli: Cli) -> None:
    text = CASE.read_text(encoding="utf-8").replace("interface: net1", "interface: eth0")
    result = cli("import", "spiderpool", "-", stdin=text)
    assert (result.code, result.out) == (3, "")
    assert [line.split(" ")[0] for line in result.err.splitlines() if line.startswith("-:")] == [
        "-:184:20:",
        "-:190:20:",
    ]
    assert result.err.endswith("error: 2 errors in the manifests; nothing was done\n")
    assert cli("get", "sp").out == ""


def test_skipping_lists_what_it_left_out_and_warns_of_what_others_may_get(cli: Cli) -> None:
    result = cli("import", "spiderpool", "--skip-unplaced", "-", stdin=BROKEN)
    assert (result.code, result.out, result.err) == (
        0,
        "5 pools: 5 created\n"
        "1 reserved-address object: 1 created\n"
        "5 addresses of 3 Pods: 5 taken over\n"
        "2 problems: left out\n",
        listed("left out")
        + "warning: others may be given 10.7.0.10 now; `poolweaver ip reserve` keeps back what a "
        "Pod still uses\n",
    )


def test_objects_beside_are_counted(cli: Cli) -> None:
    more = (
        "---\napiVersion: v1\nkind: Node\nmetadata: {name: worker1}\n"
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
    )
    result = cli("import", "spiderpool", "-", stdin=CASE.read_text(encoding="utf-8") + more)
    assert result.code == 0
    assert "1 other object: 1 created\n" in result.out
    assert result.err == "skipped 1 object of kind Secret: not used for addresses\n"


def test_an_import_of_nothing_names_no_file(cli: Cli) -> None:
    result = cli("import", "spiderpool")
    assert result.code == 2
    assert "Missing argument 'FILE...'" in result.err
