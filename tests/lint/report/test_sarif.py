"""SARIF against its published schema, and what the schema does not say.

`sarif-schema-2.1.0.json` is the schema of OASIS, which it lets everybody take into an
implementation: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.lint_report.report import Report
from model.spans import Span
from policy.lint.finding import WARNING
from tests.lint.report.corpus import BROKEN, WEB, finding, many, report_of, ugly_report, written

SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_bytes())
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def sarif(report: Report) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(written("sarif", report))
    assert [error.message for error in VALIDATOR.iter_errors(value)] == []
    return value


def results(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sarif(report)["runs"][0]["results"]
    return found


def test_a_clean_run_has_results_and_they_are_empty() -> None:
    value = sarif(report_of())
    assert value["version"] == "2.1.0"
    assert value["runs"][0]["results"] == []


def test_the_schema_is_one_that_refuses() -> None:
    value = sarif(report_of())
    value["runs"][0]["results"] = [{"level": "grave"}]
    assert list(VALIDATOR.iter_errors(value))


def test_a_result_says_rule_place_and_fingerprint() -> None:
    (first, second) = results(report_of(web_yaml=WEB, broken_yaml=BROKEN))
    rules = sarif(report_of(web_yaml=WEB, broken_yaml=BROKEN))["runs"][0]["tool"]["driver"]["rules"]
    assert rules[first.pop("ruleIndex")]["id"] == first["ruleId"]
    assert rules[second["ruleIndex"]]["id"] == "manifest-syntax"
    first.pop("fixes", None)
    assert first == {
        "ruleId": "shadowed-affinity",
        "level": "warning",
        "message": {
            "text": "`nodeAffinity` of the pool `web` does not filter, since `nodeName` stands "
            "beside it; it only raises the rank\nleave `nodeAffinity` out, or leave `nodeName` "
            "out to filter by the selector"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "web.yaml"},
                    "region": {"startLine": 9, "startColumn": 3, "endLine": 9, "endColumn": 15},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": "SpiderIPPool/web.spec.nodeAffinity", "kind": "object"}
                ],
            }
        ],
        "partialFingerprints": {"poolweaver/v1": "0c9f72fa8e423f48"},
    }


def test_every_rule_has_its_page_and_its_address() -> None:
    rules = sarif(report_of())["runs"][0]["tool"]["driver"]["rules"]
    (rule,) = [rule for rule in rules if rule["id"] == "shadowed-affinity"]
    assert rule["helpUri"] == "https://poolweaver.io/docs/lint/shadowed-affinity"
    assert rule["help"]["markdown"].startswith("# shadowed-affinity\n")
    assert rule["defaultConfiguration"] == {"level": "warning"}


def test_fingerprints_stay_when_lines_move() -> None:
    (before,) = results(report_of(web_yaml=WEB))
    (after,) = results(report_of(other_yaml="# one\n\n" + WEB.replace("spec:", "# two\nspec:")))
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["locations"] != after["locations"]


def test_strange_names_become_addresses_and_what_is_ignored_is_suppressed() -> None:
    found = results(ugly_report())
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in found]
    assert places[:3] == [
        "a%20b%3A%C3%A9%25%2C%0A%1B%5B31m%E2%80%AE.yaml",
        "-",
        "file:///x/y%20z.yaml",
    ]
    assert found[0]["relatedLocations"][0]["message"] == {"text": "there\n&"}
    assert [r.get("suppressions") for r in found] == [
        None,
        None,
        None,
        [{"kind": "inSource", "justification": "]]> \n"}],
        [{"kind": "external"}],
    ]
    assert [r["level"] for r in found] == ["error", "warning", "note", "error", "error"]


@pytest.mark.parametrize("name", ["./a.yaml", "a//b/../c.yaml", "a/./b.yaml"])
def test_an_address_has_no_empty_step(name: str) -> None:
    (result,) = results(
        Report([finding("shadowed-affinity", WARNING, Span(name, 1, 1))], (), {}, [name], 0)
    )
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri in ("a.yaml", "a/b/../c.yaml", "a/b.yaml")


def test_ten_thousand_findings_are_ten_thousand_results_that_point_at_places() -> None:
    found = json.loads(written("sarif", many(10_000)))["runs"][0]["results"]
    regions = [r["locations"][0]["physicalLocation"]["region"] for r in found]
    assert [r["startLine"] for r in regions] == list(range(1, 10_001))
    assert min(value for region in regions for value in region.values()) == 1
