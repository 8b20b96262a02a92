"""Findings as people read them.

warning[shadowed-affinity]: `nodeAffinity` of the pool `a` does not filter, since ...
  --> pools.yaml:12:3 (SpiderIPPool/a, spec.nodeAffinity)
   |
12 |   nodeAffinity:
   |   ^^^^^^^^^^^^
hint: leave `nodeAffinity` out, or ...
page: poolweaver lint --explain shadowed-affinity
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import click

from cli.lint_report.one_line import one_line
from cli.lint_report.report import Report, counted
from cli.lint_report.source import source_line
from grammar.excerpt import excerpt
from model.spans import Span
from policy.lint.finding import Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
_MOST_RELATED = 5


def text(report: Report) -> Iterator[str]:
    """Each finding in some lines, then how many more of its rule there are, then a summary.

    Of one rule the first `report.most_per_rule` findings are shown.
    """
    told: Counter[str] = Counter()
    for finding in report.findings:
        told[finding.rule] += 1
        if not report.most_per_rule or told[finding.rule] <= report.most_per_rule:
            yield "\n".join(_lines(finding, report.texts)) + "\n\n"
    for rule, count in sorted(told.items()):
        if report.most_per_rule and count > report.most_per_rule:
            yield f"{count - report.most_per_rule} more of {rule}; --most 0 shows all\n"
    yield f"{report.summary()}\n"


def _lines(finding: Finding, texts: Mapping[str, bytes]) -> Iterator[str]:
    colour = _COLOURS[finding.severity]
    word = click.style(f"{finding.severity}[{finding.rule}]", fg=colour, bold=True)
    yield f"{word}: {one_line(finding.message)}"
    where = ", ".join(part for part in (finding.object, finding.field) if part)
    margin = " " * len(str(finding.span.line))
    about = "" if where == finding.span.file else f" ({one_line(where)})"
    yield f"{margin}--> {one_line(finding.span)}{about}"
    yield from _source(finding.span, texts, margin)
    if finding.hint:
        yield f"hint: {one_line(finding.hint)}"
    if finding.witness:
        yield f"witness: {one_line(finding.witness.text())}"
    for related in finding.related[:_MOST_RELATED]:
        yield f"also: {one_line(related.span)}: {one_line(related.message)}"
    if len(finding.related) > _MOST_RELATED:
        yield f"also: {counted(len(finding.related) - _MOST_RELATED, 'more place')}"
    yield f"page: poolweaver lint --explain {finding.rule}"


def _source(span: Span, texts: Mapping[str, bytes], margin: str) -> Iterator[str]:
    line = source_line(texts.get(span.file, b""), span.line)
    if line is None:
        return
    shown, caret = excerpt(line, span)
    yield f"{margin} |"
    yield f"{span.line} | {shown}".rstrip()
    yield f"{margin} | {caret}"
