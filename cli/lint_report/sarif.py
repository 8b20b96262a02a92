"""Findings as SARIF 2.1.0, which code scanning of GitHub and others reads.

Rules come with their pages; results name the rule, the place from 1, other places, what to change,
and a fingerprint that stays when lines move. What is ignored is there as well, as suppressed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cli.lint_pages import address, explained
from cli.lint_report.report import Report
from model.spans import Span
from policy.lint.finding import ERROR, INFO, WARNING, Finding, Fix
from policy.lint.fixing.lines import changes_of
from policy.lint.living.ignored import ANNOTATION, COMMENT, Ignored
from policy.lint.registry import all_rules

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
_IN_SOURCE = (COMMENT, ANNOTATION)


def sarif(report: Report) -> Iterator[str]:
    """One run, as one JSON object; `results` is there even if empty."""
    from cli.main import version  # noqa: PLC0415 - main imports commands, of which this is part

    every = [*report.findings, *(one.finding for one in report.ignored)]
    rules = sorted({*all_rules(), *(finding.rule for finding in every)})
    places = {rule: place for place, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "poolweaver lint",
                "version": version(),
                "informationUri": address(""),
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_result(finding, places) for finding in report.findings),
            *(_suppressed(one, places) for one in report.ignored),
        ],
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str) -> dict[str, Any]:
    """A rule of the catalogue, or an error of `apply`."""
    known = all_rules().get(rule)
    severity = known.severity if known else ERROR
    page = explained(rule)
    return {
        "id": rule,
        "shortDescription": {"text": known.summary if known else "apply refuses the manifest"},
        "help": {"text": page, "markdown": page},
        "helpUri": address(rule),
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    result = {
        "ruleId": finding.rule,
        "ruleIndex": places[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding.span, finding)],
        "partialFingerprints": {"poolweaver/v1": finding.fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(one.span), "message": {"text": one.message}}
            for number, one in enumerate(finding.related, 1)
        ]
    fixes = [_fix(fix, changes) for fix in finding.fixes if (changes := changes_of(fix))]
    if fixes:
        result["fixes"] = fixes
    return result


def _fix(fix: Fix, changes: Sequence[tuple[Span, str]]) -> dict[str, Any]:
    """What to do, and the stretches of the file that become others."""
    made = [
        {"deletedRegion": _region(span), "insertedContent": {"text": text}}
        for span, text in changes
    ]
    place = {"uri": _uri(fix.document.file)}
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": place, "replacements": made}],
    }


def _message(finding: Finding) -> str:
    witness = f"witness: {finding.witness.text()}" if finding.witness else ""
    return "\n".join(filter(None, (finding.message, finding.hint, witness)))


def _suppressed(one: Ignored, places: dict[str, int]) -> dict[str, Any]:
    suppression = {"kind": "inSource" if one.how in _IN_SOURCE else "external"}
    if one.reason:
        suppression["justification"] = one.reason
    return {**_result(one.finding, places), "suppressions": [suppression]}


def _location(span: Span, finding: Finding | None = None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(span.file)},
            "region": _region(span),
        }
    }
    if finding and finding.object != span.file:
        name = ".".join(filter(None, (finding.object, finding.field)))
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "object"}]
    return location


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(file: str) -> str:
    """Relative to where the command ran, unless the path is absolute."""
    path = Path(file)
    name = quote(os.fsencode(str(path)))
    return f"file://{name}" if path.is_absolute() else name
