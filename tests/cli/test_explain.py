"""`poolweaver explain` as people and programs read it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Cli
from tests.ipam.calls import call, environment, k8s, namespace, network, pod, pool

SCREEN_LINES, SCREEN_COLUMNS = 24, 200
MISSES = {
    "podAffinity": {"matchLabels": {"app": "other"}},
    "nodeName": ["elsewhere"],
    "namespaceAffinity": {"matchLabels": {"team": "blue"}},
}


def many(count: int, **more: Any) -> str:
    """Default pools that all miss the Pod default/web on node1: each for one reason of three."""
    fields = list(MISSES)
    return "".join(
        pool(
            f"p-{n}",
            f"10.{n // 200}.{n % 200}.1-10.{n // 200}.{n % 200}.9",
            f"10.{n // 200}.{n % 200}.0/24",
            default=True,
            **{fields[n % 3 if n % 7 else 0]: MISSES[fields[n % 3 if n % 7 else 0]]},
            **more,
        )
        for n in range(count)
    )


def world(*manifests: str) -> str:
    return "".join(manifests) + pod("web", app="web") + namespace("default")


def counted(text: str) -> list[tuple[int, str]]:
    """The rows of the histogram."""
    rows = re.findall(r"(?m)^ {4} *(\d+) (\S.*)$", text)
    return [(int(number), reason) for number, reason in rows]


def test_many_candidates_are_a_screen_of_numbers_that_add_up(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=world(many(300)))
    shown = cli("explain", "pod", "web", "--node", "node1")
    assert shown.code == 4
    lines = shown.out.splitlines()
    assert len(lines) <= SCREEN_LINES
    assert max(map(len, lines)) <= SCREEN_COLUMNS
    total = int(re.findall(r"IPv4: (\d+) candidates", shown.out)[0])
    rows = counted(shown.out)
    assert total == 300 == sum(number for number, _ in rows)
    assert [reason for _, reason in rows] == [
        'podAffinity pod.label["app"]',
        'namespaceAffinity namespace.label["team"]',
        "nodeName",
    ]
    assert re.findall(r"(?m)^    (p-\d+): (.+)$", shown.out) == [
        ("p-0", "1 check short"),
        ("p-1", "1 check short"),
        ("p-2", "1 check short"),
    ]
    assert (
        '      FAIL podAffinity: wants pod.label["app"] in {"other"}, has "web"  (-:2:' in shown.out
    )
    assert "  --all shows every check of every pool" in lines


def test_a_histogram_of_many_reasons_keeps_its_sum_in_a_screen(cli: Cli) -> None:
    pools = "".join(
        pool(
            f"p-{n}",
            f"10.0.{n}.1-10.0.{n}.9",
            f"10.0.{n}.0/24",
            default=True,
            podAffinity={"matchLabels": {f"key-{n}": "x"}},
        )
        for n in range(40)
    )
    cli("apply", "-f", "-", stdin=world(pools))
    shown = cli("explain", "pod", "web", "--node", "node1").out
    rows = counted(shown)
    assert sum(number for number, _ in rows) == 40
    assert rows[-1] == (33, "for 33 other reasons")
    assert len(shown.splitlines()) <= SCREEN_LINES


def test_pools_that_match_are_counted_with_those_that_do_not(cli: Cli) -> None:
    good = "".join(
        pool(f"good-{n}", f"10.9.{n}.1-10.9.{n}.9", f"10.9.{n}.0/24", default=True)
        for n in range(5)
    )
    off = pool("off", "10.8.0.1-10.8.0.9", "10.8.0.0/24", default=True, disable=True)
    cli("apply", "-f", "-", stdin=world(many(20), good, off))
    shown = cli("explain", "pod", "web", "--node", "node1")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert lines[3] == "  good-0: chosen, would get 10.9.0.1/24, 9 free"
    assert lines[5:7] == ["  good-0 before good-1: name order", "  good-1: eligible, 9 free"]
    counts = {reason: number for number, reason in counted(shown.out)}
    assert (counts["chosen"], counts["eligible"], counts["disabled"]) == (1, 4, 1)
    assert sum(counts.values()) == 26
    assert "    off: disabled" in shown.out.splitlines()


def test_the_pool_that_is_chosen_is_shown_behind_however_many_full_ones(
    cli: Cli, tmp_path: Path
) -> None:
    pools = [pool(f"p-{n}", f"10.0.{n}.1", f"10.0.{n}.0/24", default=True) for n in range(12)]
    cli("apply", "-f", "-", stdin=world(*pools, *[pod(f"full-{n}") for n in range(11)]))
    for number in range(11):
        config = network(tmp_path / "state" / "ipam.db")
        code, _, _ = call(environment("ADD", f"c{number}", args=k8s(f"full-{number}")), config)
        assert code == 0
        shown = cli("explain", "pod", "web", "--node", "node1")
        lines = shown.out.splitlines()
        chosen = f"  p-{number + 1}: chosen, would get 10.0.{number + 1}.1/24, 1 free"
        assert (shown.code, lines.count(chosen)) == (0, 1)
        between = number + 1 - 3
        assert [line for line in lines if line.startswith("  and ")] == (
            []
            if between <= 0
            else [f"  and {between} more that {'is' if between == 1 else 'are'} exhausted"]
        )
        assert re.search(r"ok   ipVersion: wants ip.family = 4, has .4.  \(-:\d+:\d+\)", shown.out)


def test_an_undecided_pool_behind_full_ones_says_how_to_supply_what_is_missing(cli: Cli) -> None:
    full = [
        pool(
            f"p-{n}",
            "",
            f"10.0.{n}.0/24",
            default=True,
            podAffinity={"matchLabels": {"app": "web"}},
        )
        for n in range(12)
    ]
    zone = {"matchLabels": {"zone": "a"}}
    zoned = pool("zoned", "10.1.0.1", "10.1.0.0/24", default=True, nodeAffinity=zone)
    cli("apply", "-f", "-", stdin=world(*full, zoned))
    shown = cli("explain", "pod", "web", "--node", "node1")
    lines = shown.out.splitlines()
    at = lines.index("  and 9 more that are exhausted")
    assert shown.code == 4
    assert lines[at + 1] == "  zoned: undecided, 1 free"
    assert lines[at + 3] == "    to decide: supply node node1 with `poolweaver apply -f FILE`"


def test_all_and_json_show_every_check_of_every_candidate_with_its_place(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=world(many(30)))
    decision = json.loads(cli("explain", "pod", "web", "--node", "node1", "-o", "json").out)
    candidates = decision["families"][0]["candidates"]
    assert len(candidates) == 30
    for candidate in candidates:
        for check in candidate["checks"]:
            assert check["expected"]
            assert check["span"].startswith("-:")
    everything = cli("explain", "pod", "web", "--node", "node1", "--all").out
    shown = [line for line in everything.splitlines() if re.match(r"    (ok  |FAIL|\?   ) ", line)]
    assert len(shown) == sum(len(one["checks"]) for one in candidates) == 60
    assert all(re.search(r"\(-:\d+:\d+\)$", line) for line in shown)
    assert cli("explain", "pod", "web", "--node", "node1", "-v").out == everything


def test_a_handful_of_candidates_shows_what_each_one_lacks(cli: Cli) -> None:
    extra = pool(
        "best",
        "10.9.0.1-10.9.0.9",
        "10.9.0.0/24",
        default=True,
        nodeName=["node1"],
    ) + pool("next", "10.9.1.1-10.9.1.9", "10.9.1.0/24", default=True)
    cli("apply", "-f", "-", stdin=world(many(4), extra))
    lines = cli("explain", "pod", "web", "--node", "node1").out.splitlines()
    assert "  best: chosen, would get 10.9.0.1/24, 9 free" in lines
    assert "  best before next: nodeName set" in lines
    assert "  next: eligible, 9 free" in lines
    after = lines[lines.index("  p-1: filtered, 9 free") + 1]
    assert after.startswith('    FAIL nodeName: wants node.name in {"elsewhere"}, has "node1"  (-:')
    assert lines[lines.index("  p-1: filtered, 9 free") + 2].startswith("  p-2")


def test_an_undecided_pool_says_how_to_supply_what_is_missing(cli: Cli) -> None:
    zoned = pool(
        "zoned",
        "10.0.0.1-10.0.0.9",
        default=True,
        nodeAffinity={"matchLabels": {"zone": "a"}},
    )
    cli("apply", "-f", "-", stdin=world(zoned))
    shown = cli("explain", "pod", "web", "--node", "node1")
    assert shown.code == 4
    assert shown.out.splitlines()[3:] == [
        "  zoned: undecided, 9 free",
        '    ok   ipVersion: wants ip.family = 4, has "4"  (-:2:125)',
        '    ?    nodeAffinity: wants node.label["zone"] in {"a"}, node node1 is not known: '
        "the store knows no Node `node1`  (-:2:220)",
        "    to decide: supply node node1 with `poolweaver apply -f FILE`",
        "",
        "error[unknown-facts]: cannot decide yet for pod default/web: IPv4 pool zoned, "
        'nodeAffinity wants node.label["zone"] in {"a"}, but node node1 is not known: the store '
        "knows no Node `node1`",
        "  hint: supply node node1 with `poolweaver apply -f FILE`, then try again",
    ]


def test_a_pod_without_a_node_is_told_to_name_one(cli: Cli) -> None:
    named = pool("named", "10.0.0.1-10.0.0.9", default=True, nodeName=["node1"])
    cli("apply", "-f", "-", stdin=world(named))
    shown = cli("explain", "pod", "web")
    assert shown.code == 4
    assert "hint: name the node with `--node`, or schedule the Pod, then try again" in shown.out
    assert "    to decide: name the node with `--node`, or schedule the Pod" in shown.out


@pytest.mark.parametrize(
    ("code", "manifests"),
    [
        ("no-candidate", ""),
        ("no-matching-pool", many(2)),
        ("unknown-pool", pod("web", ["ghost"])),
        ("pool-exhausted", pool("p", "", default=True)),
        (
            "unknown-facts",
            pool("p", "10.0.0.1", default=True, nodeAffinity={"matchLabels": {"a": "b"}}),
        ),
    ],
)
def test_every_refusal_ends_with_4(cli: Cli, code: str, manifests: str) -> None:
    given = manifests if "web" in manifests else manifests + pod("web", app="web")
    cli("apply", "-f", "-", stdin=given + namespace("default"))
    for output in ("text", "json"):
        shown = cli("explain", "pod", "web", "--node", "node1", "-o", output)
        assert (shown.code, shown.err) == (4, "")
        assert code in shown.out


def test_the_cost_counts_checks_and_is_the_same_every_time(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=world(many(30)))
    runs = {cli("explain", "pod", "web", "--node", "node1", "--cost").out for _ in range(2)}
    assert len(runs) == 1
    assert "cost: 60 checks, by looking at every candidate" in runs.pop()
    found = cli("explain", "pod", "web", "--node", "node1", "--cost", "-o", "json").out
    assert json.loads(found)["cost"]["naive"] == 60


def test_files_alone_are_explained_as_the_store_would_explain_them(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pools"
    folder.mkdir()
    (folder / "pools.yaml").write_text(
        many(5) + pool("fits", "10.9.0.1-10.9.0.9", "10.9.0.0/24", default=True)
    )
    (tmp_path / "pod.yaml").write_text(pod("web", app="web") + namespace("default"))
    files = ["-f", tmp_path / "pod.yaml", "-f", folder]
    alone = cli("explain", *files, "--node", "node1")
    assert alone.code == 0
    assert not db.exists()
    cli("apply", *files)
    assert cli("explain", "pod", "web", "--node", "node1").out == alone.out
    assert cli("explain", "pod/web", *files, "--node", "node1").out == alone.out


def test_what_the_files_lack_is_told_of_the_files(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    zoned = pool("p", "10.0.0.1", default=True, nodeAffinity={"matchLabels": {"a": "b"}})
    node = '---\n{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "other"}}\n'
    file.write_text(zoned + pod("web") + node)
    shown = cli("explain", "pod", "web", "-f", file)
    assert shown.code == 4
    assert shown.out.splitlines()[2:] == [
        "error[unknown-facts]: namespace default is not known: the files hold no Namespace "
        "`default`",
        "  hint: give its manifest with -f, too",
    ]
    file.write_text(zoned + pod("web") + node + namespace("default"))
    shown = cli("explain", "pod", "web", "-f", file, "--node", "node1")
    assert shown.code == 4
    lines = shown.out.splitlines()
    assert "    to decide: supply node node1 with one more -f FILE" in lines
    assert lines[-1] == "  hint: supply node node1 with one more -f FILE, then try again"
    assert "the store" not in shown.out


def test_files_may_hold_the_workload_that_makes_the_pod(cli: Cli) -> None:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "a", "image": "b"}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    document = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": spec,
    }
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    given = yaml.safe_dump_all([document, node])
    given += pool("a", "10.0.0.1", default=True) + namespace("default")
    shown = cli("explain", "pod", "db-1", "-f", "-", stdin=given)
    assert shown.code == 0
    assert shown.out.startswith("Pod default/db-1, interface eth0, network <none>, node n1\n")
    several = cli("explain", "-f", "-", stdin=given)
    assert (several.code, several.err) == (
        1,
        "error[invalid-argument]: the files hold 2 Pods, and none is named\n"
        "  hint: write `explain pod NAME -f ...`: they hold `default/db-0`, `default/db-1`\n",
    )
    missing = cli("explain", "pod", "db-7", "-f", "-", stdin=given)
    assert (missing.code, missing.err) == (
        1,
        "error[not-found]: the files hold no Pod `default/db-7`, and no workload that makes it\n"
        "  hint: they hold `default/db-0`, `default/db-1`\n",
    )


def test_settings_of_a_question_about_files_are_given_with_it(cli: Cli) -> None:
    given = world(pool("a", "10.0.0.1", default=True, multusName=["kube-system/net"]))
    without = cli("explain", "-f", "-", "--node", "n", stdin=given)
    assert without.code == 4
    with_it = cli("explain", "-f", "-", "--node", "n", "--set", "cluster_network=net", stdin=given)
    assert (with_it.code, "network kube-system/net" in with_it.out) == (0, True)
    wrong = cli("explain", "-f", "-", "--set", "nonsense=1", stdin=given)
    assert (wrong.code, "there is no setting `nonsense`" in wrong.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "write `explain pod NAME`, or name files with -f"),
        (["pod", "web", "--set", "namespace=x"], "--set and -R go with -f"),
        (["pod", "web", "-f", "-", "--set", "namespace"], "write --set KEY=VALUE"),
    ],
)
def test_a_question_that_names_nothing_is_a_usage_error(
    cli: Cli, words: list[str], complaint: str
) -> None:
    result = cli("explain", *words)
    assert (result.code, complaint in result.err) == (2, True)
