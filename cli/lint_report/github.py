"""Findings as workflow commands of GitHub Actions, which it shows beside the lines of a change.

The escapes are those of its toolkit: `%`, carriage return and line feed anywhere, and in
properties the colon and the comma, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.lint_report.report import Report
from policy.lint.finding import ERROR, INFO, WARNING, Finding

_COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github(report: Report) -> Iterator[str]:
    """A command a finding; nothing where there is none."""
    for finding in report.findings:
        properties = ",".join(
            f"{name}={str(value).translate(_PROPERTY)}" for name, value in _properties(finding)
        )
        message = "\n".join(filter(None, (finding.message, finding.hint))).translate(_DATA)
        yield f"::{_COMMANDS[finding.severity]} {properties}::{message}\n"


def _properties(finding: Finding) -> Iterator[tuple[str, object]]:
    span = finding.span
    yield "file", span.file
    yield "line", span.line
    yield "endLine", span.end_line
    if span.end_line == span.line:  # GitHub takes columns of one line alone
        yield "col", span.column
        yield "endColumn", span.end_column
    yield "title", finding.rule
