"""A line a finding, for editors and for `grep`: `path:line:column: severity [rule] message`."""

from __future__ import annotations

from collections.abc import Iterator

from cli.lint_report.one_line import one_line
from cli.lint_report.report import Report


def compact(report: Report) -> Iterator[str]:
    """All findings; nothing where there is none."""
    for one in report.findings:
        yield f"{one_line(one.span)}: {one.severity} [{one.rule}] {one_line(one.message)}\n"
