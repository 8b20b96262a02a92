"""The whole text of every format, for a small corpus."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from cli.lint_report.formats import FORMATS
from tests.lint.report.corpus import BROKEN, UGLY, WEB, many, report_of, ugly_report, written

MESSAGE = (
    "`nodeAffinity` of the pool `web` does not filter, since `nodeName` stands beside it; it only "
    "raises the rank"
)
HINT = "leave `nodeAffinity` out, or leave `nodeName` out to filter by the selector"
CORPUS = report_of(web_yaml=WEB, broken_yaml=BROKEN)
CLEAN = report_of(clean_yaml="kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n")

TEXT = f"""\
warning[shadowed-affinity]: {MESSAGE}
 --> web.yaml:9:3 (SpiderIPPool/web, spec.nodeAffinity)
  |
9 |   nodeAffinity:
  |   ^^^^^^^^^^^^
hint: {HINT}
page: poolweaver lint --explain shadowed-affinity

error[manifest-syntax]: a list in brackets is not closed
 --> broken.yaml:2:1
hint: look at the `[` in line 1
page: poolweaver lint --explain manifest-syntax

1 error, 1 warning (1 valid pool in 2 files)
"""

COMPACT = f"""\
web.yaml:9:3: warning [shadowed-affinity] {MESSAGE}
broken.yaml:2:1: error [manifest-syntax] a list in brackets is not closed
"""

GITHUB = f"""\
::warning file=web.yaml,line=9,endLine=9,col=3,endColumn=15,title=shadowed-affinity::{MESSAGE}%0A{HINT}
::error file=broken.yaml,line=2,endLine=2,col=1,endColumn=1,title=manifest-syntax::a list in brackets is not closed%0Alook at the `[` in line 1
"""

JUNIT = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="poolweaver lint" tests="2" failures="2" errors="0">
  <testsuite name="web.yaml" tests="1" failures="1" errors="0">
    <testcase classname="web.yaml" name="shadowed-affinity 9:3 SpiderIPPool/web">
      <failure type="warning" message="{MESSAGE}">web.yaml:9:3
{MESSAGE}
{HINT}</failure>
    </testcase>
  </testsuite>
  <testsuite name="broken.yaml" tests="1" failures="1" errors="0">
    <testcase classname="broken.yaml" name="manifest-syntax 2:1 broken.yaml">
      <failure type="error" message="a list in brackets is not closed">broken.yaml:2:1
a list in brackets is not closed
look at the `[` in line 1</failure>
    </testcase>
  </testsuite>
</testsuites>
"""

JSON = {
    "version": 1,
    "findings": [
        {
            "rule": "shadowed-affinity",
            "severity": "warning",
            "message": MESSAGE,
            "hint": HINT,
            "file": "web.yaml",
            "line": 9,
            "column": 3,
            "end_line": 9,
            "end_column": 15,
            "object": "SpiderIPPool/web",
            "field": "spec.nodeAffinity",
            "related": [],
            "witness": None,
            "fixes": ["leave out `nodeAffinity`"],
            "fingerprint": "0c9f72fa8e423f48",
        },
        {
            "rule": "manifest-syntax",
            "severity": "error",
            "message": "a list in brackets is not closed",
            "hint": "look at the `[` in line 1",
            "file": "broken.yaml",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 1,
            "object": "broken.yaml",
            "field": "",
            "related": [],
            "witness": None,
            "fixes": [],
            "fingerprint": "77e326e4e19edf15",
        },
    ],
    "ignored": [],
    "summary": {
        "error": 1,
        "warning": 1,
        "info": 0,
        "ignored": 0,
        "files": 2,
        "pools": 1,
        "failed": True,
    },
}


@pytest.mark.parametrize(
    ("name", "text"),
    [("compact", COMPACT), ("github", GITHUB), ("junit", JUNIT)],
    ids=["compact", "github", "junit"],
)
def test_a_format_says_all_of_a_small_corpus(name: str, text: str) -> None:
    assert written(name, CORPUS) == text


def test_text_says_all_of_a_small_corpus() -> None:
    report = written("text", CORPUS)
    assert report.replace("\x1b[33m\x1b[1m", "").replace("\x1b[31m\x1b[1m", "").replace(
        "\x1b[0m", ""
    ) == (TEXT)
    assert "\x1b[33m\x1b[1mwarning[shadowed-affinity]\x1b[0m:" in report


def test_json_says_all_of_a_small_corpus() -> None:
    assert json.loads(written("json", CORPUS)) == JSON


def test_a_clean_run_says_so_in_each_format() -> None:
    assert written("text", CLEAN) == "nothing found (0 valid pools in 1 file)\n"
    assert written("compact", CLEAN) == written("github", CLEAN) == ""
    said = json.loads(written("json", CLEAN))
    assert (said["findings"], said["summary"]["failed"]) == ([], False)
    (case,) = ET.fromstring(written("junit", CLEAN)).iter("testcase")
    assert (case.attrib, len(case)) == ({"classname": "clean.yaml", "name": "lint"}, 0)


def test_what_is_less_grave_than_the_fail_level_passes_in_junit_and_says_so() -> None:
    root = ET.fromstring(written("junit", report_of("error", web_yaml=WEB)))
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert [e.tag for e in next(root.iter("testcase"))] == ["system-out"]


def test_strange_names_and_messages_stay_on_their_lines_in_text_and_compact() -> None:
    ugly = r"a b:é%,\n\x1b[31m\u202e.yaml"
    said = written("compact", ugly_report()).splitlines()
    assert said[0] == (
        rf"{ugly}:1:3: error [unsat-selector] 100% <b>&"
        "\"'"
        r"\r\n::error::x,y\x00\x1b[0m\ud800"
    )
    assert len(said) == 3
    text = written("text", ugly_report()).splitlines()
    assert text[1] == rf" --> {ugly}:1:3 (Pod/x\ny, a\tb)"
    assert text[3] == "1 | a: \ufffd\ufffdb"
    assert text[6] == rf"also: {ugly}:7:1: there\n&"
    assert text[-1] == "1 error, 1 warning, 1 info, 2 ignored (0 valid pools in 3 files)"
    coloured = "".join(text).replace("\x1b[31m\x1b[1merror", "").replace("\x1b[0m", "")
    assert "\x1b[31m." not in coloured


def test_strange_names_and_messages_are_escaped_for_github() -> None:
    said = written("github", ugly_report()).splitlines()
    assert said == [
        "::error file=a b%3Aé%25%2C%0A\x1b[31m\u202e.yaml,line=1,endLine=2,title=unsat-selector::"
        "100%25 <b>&\"'%0D%0A::error::x,y\x00\x1b[0m\ud800%0Ado%0Athis",
        "::warning file=-,line=1,endLine=1,col=1,endColumn=1,title=shadowed-affinity::no",
        "::notice file=/x/y z.yaml,line=1,endLine=1,col=1,endColumn=1,"
        "title=empty-selector-raises-rank::no",
    ]


def test_strange_names_and_messages_survive_json_and_what_xml_can_hold_of_them_junit() -> None:
    first = json.loads(written("json", ugly_report()))["findings"][0]
    assert (first["file"], first["message"]) == (
        UGLY,
        "100% <b>&\"'\r\n::error::x,y\x00\x1b[0m\ud800",
    )
    root = ET.fromstring(written("junit", ugly_report()))
    failure = next(root.iter("failure"))
    assert failure.get("message") == "100% <b>&\"'\r\n::error::x,y\ufffd\ufffd[0m\ufffd"
    assert root[0].get("name") == UGLY.replace("\x1b", "\ufffd")


def test_text_shows_the_first_findings_of_a_rule_and_counts_the_others() -> None:
    report = written("text", many(10_000))
    assert report.count("--> f.yaml:") == 20
    assert report.endswith(
        "9980 more of shadowed-affinity; --most 0 shows all\n"
        "10000 warnings (10000 valid pools in 1 file)\n"
    )


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "text"])
def test_formats_for_machines_are_complete(name: str) -> None:
    marks = {"compact": "[shadowed", "json": '"rule"', "sarif": '"ruleId"', "junit": "<testcase "}
    assert written(name, many(10_000)).count(marks.get(name, "title=")) == 10_000
