"""A finding as people read it.

warning[shadowed-affinity]: `nodeAffinity` of the pool `a` does not filter, since ...
  --> pools.yaml:12:3 (SpiderIPPool/a, spec.nodeAffinity)
   |
12 |   nodeAffinity:
   |   ^^^^^^^^^^^^
hint: leave `nodeAffinity` out, or ...
page: poolweaver lint --explain shadowed-affinity
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from grammar.excerpt import excerpt
from model.spans import Span
from policy.lint.finding import Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def told(finding: Finding, texts: Mapping[str, bytes]) -> str:
    """The finding in several lines, with the line it is about; `texts` are the files by name."""
    return "\n".join(_lines(finding, texts))


def _lines(finding: Finding, texts: Mapping[str, bytes]) -> Iterator[str]:
    word = f"{finding.severity}[{finding.rule}]"
    yield f"{click.style(word, fg=_COLOURS[finding.severity], bold=True)}: {finding.message}"
    where = ", ".join(part for part in (finding.object, finding.field) if part)
    margin = " " * len(str(finding.span.line))
    yield f"{margin}--> {finding.span}" + ("" if where == finding.span.file else f" ({where})")
    yield from _source(finding.span, texts, margin)
    if finding.hint:
        yield f"hint: {finding.hint}"
    if finding.witness:
        yield f"witness: {finding.witness.text()}"
    for related in finding.related:
        yield f"also: {related.span}: {related.message}"
    yield f"page: poolweaver lint --explain {finding.rule}"


def _source(span: Span, texts: Mapping[str, bytes], margin: str) -> Iterator[str]:
    line = source_line(texts.get(span.file, b""), span.line)
    if line is None:
        return
    text, caret = excerpt(line, span)
    yield f"{margin} |"
    yield f"{span.line} | {text}".rstrip()
    yield f"{margin} | {caret}"


def source_line(data: bytes, number: int) -> str | None:
    """The line of that number, counted from 1, as far as it is text; None where there is none."""
    start = 0
    for _ in range(number - 1):
        start = data.find(b"\n", start) + 1
        if not start:
            return None
    end = data.find(b"\n", start)
    line = data[start : len(data) if end < 0 else end]
    if not line:
        return None
    return line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r")
