"""Findings as one JSON object, with everything that is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cli.lint_report.report import Report
from model.spans import Span
from policy.lint.finding import Finding
from policy.lint.living.ignored import Ignored

VERSION = 1  # grows with a change that readers of the object would stumble over


def json_text(report: Report) -> Iterator[str]:
    """`{"version", "findings", "ignored", "summary"}`; docs/lint.md lists the keys."""
    value = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in report.findings],
        "ignored": [_ignored(one) for one in report.ignored],
        "summary": {
            **report.counts(),
            "ignored": len(report.ignored),
            "files": len(report.files),
            "pools": report.pools,
            "failed": report.failed,
        },
    }
    yield json.dumps(value, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    witness = finding.witness
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        **_place(finding.span),
        "object": finding.object,
        "field": finding.field,
        "related": [{**_place(one.span), "message": one.message} for one in finding.related],
        "witness": witness and {"text": witness.text(), "manifests": witness.manifests()},
        "fixes": [fix.title for fix in finding.fixes],
        "fingerprint": finding.fingerprint,
    }


def _ignored(one: Ignored) -> dict[str, Any]:
    return {**_finding(one.finding), "ignored_by": one.how, "reason": one.reason}


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
