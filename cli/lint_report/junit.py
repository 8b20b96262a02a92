"""Findings as JUnit XML: a suite a file, a case a finding, and one that passes for a clean file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from cli.lint_report.report import Report
from policy.lint.finding import Finding

# What XML 1.0 cannot hold, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> Iterator[str]:
    """What is as grave as the fail level fails; the rest passes, and says so in its output."""
    by_file: dict[str, list[Finding]] = {name: [] for name in report.files}
    for finding in report.findings:
        by_file.setdefault(finding.span.file, []).append(finding)
    failures = sum(map(report.fails, report.findings))
    cases = sum(max(1, len(found)) for found in by_file.values())
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="poolweaver lint" tests="{cases}" failures="{failures}" errors="0">\n'
    for file, found in by_file.items():
        yield from _suite(report, file, found)
    yield "</testsuites>\n"


def _suite(report: Report, file: str, found: Sequence[Finding]) -> Iterator[str]:
    failures = sum(map(report.fails, found))
    counts = f'tests="{max(1, len(found))}" failures="{failures}" errors="0"'
    yield f"  <testsuite name={_attribute(file)} {counts}>\n"
    if not found:
        yield f'    <testcase classname={_attribute(file)} name="lint"/>\n'
    for finding in found:
        yield from _case(finding, fails=report.fails(finding))
    yield "  </testsuite>\n"


def _case(finding: Finding, *, fails: bool) -> Iterator[str]:
    name = f"{finding.rule} {finding.span.line}:{finding.span.column} {finding.object}"
    text = "\n".join(filter(None, (str(finding.span), finding.message, finding.hint)))
    yield f"    <testcase classname={_attribute(finding.span.file)} name={_attribute(name)}>\n"
    if fails:
        kind, message = _attribute(finding.severity), _attribute(finding.message)
        yield f"      <failure type={kind} message={message}>{_text(text)}</failure>\n"
    else:
        yield f"      <system-out>{_text(text)}</system-out>\n"
    yield "    </testcase>\n"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))


def _attribute(text: str) -> str:
    # A reader turns line ends of an attribute into blanks, unless they are references.
    return quoteattr(_FORBIDDEN.sub("\ufffd", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
