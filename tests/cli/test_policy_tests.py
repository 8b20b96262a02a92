"""`poolweaver test`: what passes, what fails and why, and files that are broken."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from ipam.explain import explain
from ipam.gathering import gather
from ipam.policy_tests import run_suite
from ipam.request import Request
from ipam.scratch import scratch_store
from ipam.simulate import plan_pods
from model.leases import Attachment
from policy.networks import nic_names
from policy.policy_tests.coverage import Coverage
from policy.policy_tests.read import read_tests
from policy.policy_tests.write import policy_test
from tests.cli.conftest import Cli, Outcome

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "examples" / "seed"
FOLDERS = sorted(path for path in SEED.iterdir() if path.is_dir())
WORLD = """
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: web}
spec:
  subnet: 10.6.0.0/16
  ips: [10.6.0.5-10.6.0.9]
  default: true
  podAffinity: {matchLabels: {app: web}}
  nodeName: [node1]
---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: any}
spec: {subnet: 10.7.0.0/16, ips: [10.7.0.5-10.7.0.9], default: true}
---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: idle}
spec: {subnet: 10.8.0.0/16, ips: [10.8.0.5-10.8.0.9], default: true, disable: true}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {ipam.spidernet.io/default-ipv4-ippool: '["web"]'}}
"""
HEAD = """apiVersion: poolweaver.io/v1
kind: PolicyTest
"""
ONE = HEAD + "tests:\n- name: one\n  pod: {}\n  node: node1\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the manifests of WORLD."""
    (tmp_path / "pools.yaml").write_text(WORLD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(cli: Cli, folder: Path, text: str, *more: str) -> Outcome:
    (folder / "a.test.yaml").write_text(text)
    return cli("test", "a.test.yaml", *more)


def expecting(expect: str, pod: str = "{labels: {app: web}}", node: str = "node1") -> str:
    return f"{HEAD}tests:\n- name: one\n  pod: {pod}\n  node: {node}\n  expect: {expect}\n"


def test_every_test_of_the_seed_passes_and_sees_every_pool_and_requirement(cli: Cli) -> None:
    result = cli("test", SEED, "--coverage")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "coverage: 9 of 9 pools chosen, 11 of 11 requirements both true and false",
        f"21 passed ({len(FOLDERS)} files)",
    ]


@pytest.mark.parametrize(
    "expect",
    [
        "{pool: web}",
        "{pool: [web]}",
        "{pools: [web, any]}",
        "{address: 10.6.0.5}",
        "{address: [10.6.0.1-10.6.0.5, 10.7.0.1]}",
        "{filtered: {idle: disabled}}",
        "{pool: web, pools: [web, any], address: 10.6.0.1-10.6.0.9}",
    ],
)
def test_what_comes_out_passes(cli: Cli, folder: Path, expect: str) -> None:
    result = ran(cli, folder, expecting(expect))
    assert (result.code, result.out, result.err) == (0, "1 passed (1 file)\n", "")


WEB_FAILS = 'podAffinity wants pod.label["app"] in {"web"}, but it is "db"'
REFUSED = """annotations: {ipam.spidernet.io/ippool: '{"ipv4": ["web"]}'}}"""


@pytest.mark.parametrize(
    ("expect", "pod", "node", "lines"),
    [
        (
            "{pool: any}",
            "{labels: {app: web}}",
            "node1",
            [
                "  pool: expected any; actual web  (a.test.yaml:7:18)",
                "    web before any: podAffinity set",
                "    any is eligible: every check holds",
            ],
        ),
        (
            "{pool: web, address: 10.6.0.6-10.6.0.9}",
            "{labels: {app: db}}",
            "node2",
            [
                "  pool: expected web; actual any  (a.test.yaml:7:18)",
                "  address: expected 10.6.0.6-10.6.0.9; actual 10.7.0.5  (a.test.yaml:7:32)",
                f'    web: {WEB_FAILS}, and nodeName wants node.name in {{"node1"}}, but it is '
                '"node2" (at pools.yaml:9:31, pools.yaml:10:13)',
            ],
        ),
        (
            "{refused: nodeName}",
            "{labels: {app: web}}",
            "node1",
            ["  refused: expected nodeName; actual got web  (a.test.yaml:7:21)", "    web before any: podAffinity set"],
        ),
        (
            "{error: pool-exhausted, refused: nodeName}",
            "{labels: {app: db}, " + REFUSED,
            "node1",
            [
                "  refused: expected nodeName; actual podAffinity  (a.test.yaml:7:44)",
                "  error: expected pool-exhausted; actual no-matching-pool  (a.test.yaml:7:19)",
                "    error[no-matching-pool]: no IPv4 pool for pod default/pod, interface eth0, node node1",
                f"    web: {WEB_FAILS} (at pools.yaml:9:31)",
            ],
        ),
        (
            "{filtered: {web: nodeName, any: podAffinity, none: podAffinity}}",
            "{labels: {app: db}}",
            "node1",
            [
                "  filtered: expected web: nodeName; actual web: podAffinity  (a.test.yaml:7:22)",
                "  filtered: expected any: podAffinity; actual any: chosen  (a.test.yaml:7:22)",
                "  filtered: expected none: podAffinity; actual none: no candidate  (a.test.yaml:7:22)",
                f"    web: {WEB_FAILS} (at pools.yaml:9:31)",
                "    any is chosen: every check holds",
                "    none is no candidate: the candidates come from the set of pools with `spec.default: true`",
            ],
        ),
    ],
    ids=["another pool", "filtered out", "not refused", "refused for another field", "filtered"],
)  # fmt: skip
def test_what_does_not_come_out_fails_with_both_sides_and_the_reason(
    cli: Cli, folder: Path, expect: str, pod: str, node: str, lines: list[str]
) -> None:
    result = ran(cli, folder, expecting(expect, pod, node))
    assert (result.code, result.err) == (3, "")
    assert result.out.splitlines() == [
        "FAIL a.test.yaml: one",
        "  at a.test.yaml:4:9",
        *lines,
        "0 passed, 1 failed (1 file)",
    ]


def test_a_refusal_that_is_expected_passes(cli: Cli, folder: Path) -> None:
    pod = "{labels: {app: db}, " + REFUSED
    expect = "{error: no-matching-pool, refused: [podAffinity], filtered: {web: podAffinity}}"
    assert ran(cli, folder, expecting(expect, pod)).code == 0


def test_rows_lay_over_their_test_and_a_null_takes_a_key_away(cli: Cli, folder: Path) -> None:
    rows = """  expect: {pool: web}
  rows:
  - name: as it is
    pod: {labels: {app: web}}
  - name: without label
    pod: {labels: {app: null}}
    expect: {pool: any}
  - name: elsewhere
    pod: {labels: {app: web}}
    node: node2
    expect: {pool: any}
"""
    result = ran(cli, folder, ONE + rows, "-v")
    assert (result.code, result.out.splitlines()) == (
        0,
        [
            "ok   a.test.yaml: one / as it is",
            "ok   a.test.yaml: one / without label",
            "ok   a.test.yaml: one / elsewhere",
            "3 passed (1 file)",
        ],
    )


def test_a_namespace_of_the_manifests_counts_and_can_be_added_to(cli: Cli, folder: Path) -> None:
    rows = """  rows:
  - name: as in the manifests
    pod: {namespace: shop, labels: {app: web}}
    expect: {pools: [web]}
  - name: with another annotation
    pod: {namespace: shop, labels: {app: web}}
    namespace: {annotations: {ipam.spidernet.io/default-ipv4-ippool: '["any"]'}}
    expect: {pools: [any]}
"""
    assert ran(cli, folder, ONE + rows).code == 0


def test_manifests_may_stand_in_the_file_of_the_tests_and_in_named_folders(
    cli: Cli, folder: Path
) -> None:
    (folder / "tests").mkdir()
    inline = """---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: inline}
spec: {subnet: 10.9.0.0/16, ips: [10.9.0.5], default: true}
"""
    text = ONE + "  expect: {pools: [inline]}\n" + inline
    (folder / "tests" / "alone.test.yaml").write_text(text)
    named = text.replace("tests:", "manifests: [.., ../pools.yaml]\ntests:", 1)
    named = named.replace("pools: [inline]", "pools: [any, inline]")
    (folder / "tests" / "named.test.yaml").write_text(named)
    result = cli("test", ".")
    assert (result.code, result.out) == (0, "2 passed (2 files)\n")


def test_a_file_of_another_name_and_standard_input_are_read_where_they_are_named(
    cli: Cli, folder: Path
) -> None:
    pool = """---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: inline}
spec: {subnet: 10.9.0.0/16, ips: [10.9.0.5], default: true}
"""
    text = ONE + "  expect: {pools: [any, inline]}\n" + pool
    (folder / "tests.yaml").write_text(text)
    for path in ("tests.yaml", "./tests.yaml"):
        result = cli("test", path, "tests.yaml")
        assert (result.code, result.out, result.err) == (0, "1 passed (1 file)\n", "")
    alone = text.replace("[any, inline]", "[inline]")
    result = cli("test", "-", stdin=alone)
    assert (result.code, result.out, result.err) == (0, "1 passed (1 file)\n", "")
    named = alone.replace("tests:", "manifests: [pools.yaml]\ntests:", 1)
    result = cli("test", "-", stdin=named.replace("[inline]", "[any, inline]"))
    assert (result.code, result.out, result.err) == (0, "1 passed (1 file)\n", "")


def test_a_path_that_is_not_there_is_an_error(cli: Cli, folder: Path) -> None:
    result = cli("test", "gone.test.yaml")
    assert (result.code, result.out, result.err.splitlines()) == (
        1,
        "",
        [
            "error[unreadable-file]: cannot read `gone.test.yaml`: No such file or directory",
            "  hint: check the path",
        ],
    )


def test_settings_and_defaults_of_the_cni_configuration_hold_for_a_test(
    cli: Cli, folder: Path
) -> None:
    text = """settings: {enable_ipv6: false, cluster_network: kube-system/macvlan}
tests:
- name: one
  pod: {labels: {app: web}}
  node: node1
  cni: {default_ipv4_ippool: web}
  expect: {pools: [web]}
"""
    assert ran(cli, folder, HEAD + text).code == 0


def test_no_other_command_takes_a_file_of_tests_in_a_folder_for_a_manifest(
    cli: Cli, folder: Path
) -> None:
    (folder / "a.test.yaml").write_text("not a manifest")
    assert cli("apply", "-f", ".").code == 0
    assert cli("simulate", ".").code == 0


def test_a_pattern_chooses_tests_by_a_part_of_the_name_or_by_the_whole(cli: Cli) -> None:
    names = ["app-affinity / another", "*/app-affinity.test.yaml: app-affinity / *"]
    assert [cli("test", SEED, "--run", name).out for name in names] == [
        "1 passed (1 file)\n",
        "2 passed (1 file)\n",
    ]


def test_no_test_is_an_error(cli: Cli, folder: Path) -> None:
    result = cli("test", ".")
    assert (result.code, result.out, result.err.splitlines()) == (
        1,
        "",
        [
            "error[no-test]: no policy test found in `.`",
            "  hint: tests are of `kind: PolicyTest`, in files that end in .test.yaml, .test.yml, "
            ".test.json",
        ],
    )
    result = ran(cli, folder, expecting("{pool: web}"), "--run", "two")
    assert (result.code, result.out, result.err.splitlines()) == (
        1,
        "",
        [
            "error[no-test]: no policy test is called `two`",
            "  hint: the first of 1 is called `a.test.yaml: one`; -v prints the names of all",
        ],
    )


BROKEN = [
    (HEAD + "tests: []\n", "3:8: error[invalid-value]: `tests` is empty, so nothing is tested", "write one with a `name:`, or leave it out", "an empty list"),
    (ONE + "  rows: []\n  expect: {pool: a}\n", "7:9: error[invalid-value]: tests[0].rows: `rows` is empty, so nothing is tested", "write one with a `name:`, or leave it out", "empty rows"),
    (ONE, "4:3: error[missing-field]: tests[0].expect: the test expects nothing", "write `expect:` with what must come out", "no expectation"),
    (ONE + "  expect: {}\n", "7:11: error[missing-field]: tests[0].expect: `expect` says nothing, so the test could not fail", "write one of `pool`, `pools`, `address`, `filtered`, `refused` or `error` below it", "an empty expectation"),
    (ONE + "  expect: {poool: a}\n", "7:12: error[unknown-field]: unknown field `tests[0].expect.poool`", "did you mean `pool` or `pools`?", "a misspelt key"),
    (ONE + "  expect: {refused: nodeNam}\n", "7:21: error[invalid-value]: tests[0].expect.refused[0]: no pool is out for `nodeNam`", "did you mean `nodeName`?", "a misspelt reason"),
    (ONE + "  expect: {error: no-matching}\n", "7:19: error[invalid-value]: tests[0].expect.error: no decision ends with the error code `no-matching`", None, "an unknown code"),
    (ONE + "  expect: {address: 10.0.0.0/24}\n", "7:21: error[cidr-in-ips]: tests[0].expect.address[0]: `10.0.0.0/24` is a CIDR, not a range", "write `10.0.0.0-10.0.0.255`", "a CIDR"),
    (ONE.replace("pod: {}", "from: Pods/web") + "  expect: {pool: a}\n", "5:9: error[invalid-value]: tests[0].from: `Pods/web` begins with no kind that makes a Pod", "did you mean `Pod`?", "a misspelt kind"),
    (ONE.replace("pod: {}", "from: Pod") + "  expect: {pool: a}\n", "5:9: error[invalid-value]: tests[0].from: `Pod` does not name one object", "write `Pod/NAME` or `Pod/NAMESPACE/NAME`", "no name"),
    (ONE.replace("pod: {}", "from: Pod/web") + "  expect: {pool: a}\n", "5:9: error[missing-field]: from: the manifests hold no `Pod/default/web`, or it makes no Pod", "they make no Pods at all; name some with `manifests:`, or state one with `pod:`", "no such Pod"),
    (ONE.replace("  pod: {}\n", "") + "  expect: {pool: a}\n", "4:3: error[missing-field]: tests[0].pod: the test names no Pod", "write `pod:` with its facts, or `from: Kind/name` of the manifests", "no Pod"),
    (HEAD + "manifests: [gone]\n" + ONE.removeprefix(HEAD) + "  expect: {pool: a}\n", "3:13: error[invalid-value]: `gone` gives no manifests: cannot read `gone`: No such file or directory", "write a path as seen from the folder of this file", "missing manifests"),
    (HEAD + "settings: {namespac: x}\n" + ONE.removeprefix(HEAD) + "  expect: {pool: a}\n", "3:22: error[invalid-value]: settings.namespac: ", None, "an unknown setting"),
    (ONE.replace("/v1", "/v2") + "  expect: {pool: a}\n", "1:13: error[invalid-value]: `apiVersion` is `poolweaver.io/v2`, which no policy test has", "write `apiVersion: poolweaver.io/v1`", "another version"),
    (WORLD.lstrip(), "1:1: error[invalid-manifest]: the file holds no PolicyTest", "write `kind: PolicyTest`, or rename the file", "manifests alone"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "error", "hint", "name"), BROKEN, ids=[row[3] for row in BROKEN])
def test_a_broken_file_is_refused_with_place_and_hint(
    cli: Cli, folder: Path, text: str, error: str, hint: str | None, name: str
) -> None:
    result = ran(cli, folder, text)
    lines = result.err.splitlines()
    assert (result.code, result.out) == (3, "")
    assert (
        lines[0].startswith(f"a.test.yaml:{error}")
        if hint is None
        else lines[0] == f"a.test.yaml:{error}"
    )
    assert hint is None or lines[1] == f"  hint: {hint}"
    assert lines[-1] == "error: 1 error in the manifests; nothing was done"


def test_every_broken_test_of_all_files_is_reported(cli: Cli, folder: Path) -> None:
    (folder / "b.test.yaml").write_text(ONE + "  expect: {}\n")
    (folder / "a.test.yaml").write_text(
        ONE + "  expect: {pool: a}\n- {name: one, pod: {}, expect: {pool: a}}\n- name: 3\n"
    )
    assert cli("test", ".").err.splitlines()[0].startswith("a.test.yaml:9:9: error[wrong-type]")
    (folder / "a.test.yaml").write_text(
        ONE + "  expect: {pool: a}\n- {name: one, pod: {}, expect: {pool: a}}\n"
    )
    result = cli("test", ".")
    assert result.err.splitlines() == [
        "a.test.yaml:8:10: error[duplicate-object]: two tests are called `one`",
        "  hint: give one of them another name; the other is at a.test.yaml:4:9",
        "b.test.yaml:7:11: error[missing-field]: tests[0].expect: `expect` says nothing, so the "
        "test could not fail",
        "  hint: write one of `pool`, `pools`, `address`, `filtered`, `refused` or `error` below it",
        "error: 2 errors in the manifests; nothing was done",
    ]


def test_coverage_lists_every_pool_and_requirement_that_no_test_saw(cli: Cli, folder: Path) -> None:
    shown = ran(cli, folder, expecting("{pool: any}", "{}"), "--coverage").out
    assert shown.splitlines() == [
        "coverage: 1 of 3 pools chosen, 0 of 2 requirements both true and false",
        "  idle: never chosen  (pools.yaml:20:16)",
        "  web: never chosen  (pools.yaml:6:11)",
        '  web: podAffinity pod.label["app"] in {"web"}: never true  (pools.yaml:9:31)',
        '  web: nodeName node.name in {"node1"}: never false  (pools.yaml:10:13)',
        "1 passed (1 file)",
    ]


def test_json_has_each_test_with_its_decision_and_the_coverage(cli: Cli, folder: Path) -> None:
    result = ran(cli, folder, expecting("{pool: any}"), "-o", "json")
    assert result.code == 3
    document: dict[str, Any] = json.loads(result.out)
    decision = document["tests"][0].pop("decision")
    assert decision["families"][0]["address"] == "10.6.0.5/16"
    assert document == {
        "passed": 0,
        "failed": 1,
        "tests": [
            {
                "file": "a.test.yaml",
                "suite": None,
                "name": "one",
                "span": "a.test.yaml:4:9",
                "passed": False,
                "mismatches": [
                    {"key": "pool", "expected": "any", "actual": "web", "span": "a.test.yaml:7:18"}
                ],
                "reasons": [
                    "web before any: podAffinity set",
                    "any is eligible: every check holds",
                ],
            }
        ],
        "coverage": {
            "pools": 3,
            "chosenPools": 1,
            "requirements": 2,
            "requirementsBothWays": 0,
            "gaps": [
                gap("any", "pools.yaml:15:16", "chosen"),
                gap("idle", "pools.yaml:20:16", "chosen"),
                gap(
                    "web", "pools.yaml:9:31", "false", "podAffinity", 'pod.label["app"] in {"web"}'
                ),
                gap("web", "pools.yaml:10:13", "false", "nodeName", 'node.name in {"node1"}'),
            ],
        },
    }


def gap(
    pool: str, span: str, never: str, field: str | None = None, requirement: str | None = None
) -> dict[str, object]:
    return {
        "pool": pool,
        "field": field,
        "requirement": requirement,
        "span": span,
        "never": [never],
    }


def test_junit_has_a_case_for_each_test_and_a_failure_with_its_reason(
    cli: Cli, folder: Path
) -> None:
    text = expecting("{pool: any}") + "- {name: two <&>, pod: {}, expect: {pool: any}}\n"
    result = ran(cli, folder, text, "-o", "junit")
    assert result.code == 3
    root = fromstring(result.out)
    assert root.attrib == {"tests": "2", "failures": "1", "errors": "0"}
    cases = root.findall("testsuite/testcase")
    assert [(case.get("name"), case.get("line")) for case in cases] == [
        ("one", "4"),
        ("two <&>", "8"),
    ]
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.get("message") == "pool: expected any; actual web"
    assert failure.text == (
        "at a.test.yaml:4:9\npool: expected any; actual web\nweb before any: podAffinity set\n"
        "any is eligible: every check holds"
    )
    assert cases[1].find("failure") is None


@pytest.mark.parametrize("source", FOLDERS, ids=lambda path: path.name)
def test_a_decision_written_as_a_test_passes_and_fails_after_the_pool_is_changed(
    source: Path,
) -> None:
    texts = [
        (str(path), path.read_bytes())
        for path in sorted(source.glob("*.yaml"))
        if not path.name.endswith(".test.yaml")
    ]
    documents = []
    with scratch_store(texts, {}, 1) as store:
        for planned in plan_pods(store, 1):
            pod = planned.facts
            for nic in nic_names(pod.annotations):
                attachment = Attachment(pod.node_name, "", "", nic)
                request = Request(attachment, pod.namespace, pod.name, pod.uid)
                decision = explain(store, request, 1)
                name = f"{pod.name} {nic}"
                documents.append(policy_test(name, gather(store, request), decision))
    moved = [
        (name, text.replace(b".168.1", b".169.1").replace(b".41.4", b".41.9"))
        for name, text in texts
    ]
    for document in documents:
        [suite], errors = read_tests(json.dumps(document).encode(), "saved.test.json")
        assert errors == []
        [result] = run_suite(suite, texts, Coverage(), 1)
        assert result.passed, result.mismatches
        [result] = run_suite(suite, moved, Coverage(), 1)
        assert result.passed == ("error" in document["tests"][0]["expect"])


def save(path: Path, text: str) -> None:
    """Write a file as editors do: whole at every moment."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def test_watching_tests_again_after_each_change_and_survives_a_broken_file(folder: Path) -> None:
    tests = folder / "a.test.yaml"
    tests.write_text(expecting("{pool: web}"))
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "cli.main", "test", ".", "--watch"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout as out:

        def until_it_waits() -> list[str]:
            lines: list[str] = []
            while (line := out.readline()) and not line.startswith("waiting for changes"):
                lines.append(line.rstrip("\n"))
            assert line == "waiting for changes; Ctrl-C ends\n"
            return lines

        assert until_it_waits() == ["1 passed (1 file)"]
        save(folder / "pools.yaml", WORLD.replace("app: web", "app: other"))
        assert until_it_waits()[-1] == "0 passed, 1 failed (1 file)"
        save(tests, "tests: [")
        assert any("error[manifest-syntax]" in line for line in until_it_waits())
        save(tests, expecting("{pool: any}"))
        assert until_it_waits() == ["", "1 passed (1 file)"]
        process.send_signal(signal.SIGINT)
        out.read()
    assert process.returncode == 0


def test_watching_is_for_people_and_files(cli: Cli) -> None:
    for more in (["-o", "json", "."], ["-"]):
        result = cli("test", "--watch", *more)
        assert result.code == 2
        assert "--watch prints text, and reads files, not standard input" in result.err
