"""The section of docs/benchmarks.md that a program owns and rewrites.

    <!-- bench cold -->
    ## Whole processes
    ... everything here is written by the program ...
    <!-- bench cold end -->

What stands outside of such marks is for people to write, and holds no figure.
"""

from __future__ import annotations

import re
from pathlib import Path

from bench.measuring import Figures
from bench.runs import Run, groups_of

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = "| variant | median | p95 | p99 | ratio | samples |"
RULE = "|---|--:|--:|--:|--:|--:|"


def section(run: Run, title: str, prose: str, command: str) -> str:
    """The text between the marks: what is measured, how, where, and a table a group."""
    lines = [
        f"## {title}",
        "",
        prose,
        "",
        f"Written by `{command}` on {run.machine}.",
    ]
    for group, rows in groups_of(run.figures).items():
        lines += ["", f"### {group}", "", HEAD, RULE, *map(_row, rows)]
        if run.facts.get(group):
            lines += ["", "| also | |", "|---|--:|"]
            lines += [f"| {what} | {much} |" for what, much in run.facts[group]]
    return "\n".join(lines) + "\n"


def rewrite(page: Path, program: str, text: str) -> None:
    """Puts a section in its place on the page, or at the end of a page that has none of it."""
    before, after = mark(program), mark(program, "end")
    block = f"{before}\n{text}{after}\n"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    pattern = re.compile(rf"(?ms)^{re.escape(before)}\n.*?^{re.escape(after)}\n")
    if pattern.search(old):
        new = pattern.sub(lambda _: block, old)
    else:
        new = f"{old.rstrip()}\n\n{block}" if old.strip() else block
    page.write_text(new, encoding="utf-8")


def mark(program: str, end: str = "") -> str:
    """The line that stands before a program's section, or with `end` the one after it."""
    return f"<!-- bench {program}{' ' if end else ''}{end} -->"


def _row(row: Figures) -> str:
    times = " | ".join(map(duration, (row.median, row.p95, row.p99)))
    return f"| {row.name} | {times} | {row.ratio:.3g} | {row.samples} |"


def duration(seconds: float) -> str:
    """Three digits and the unit that suits them: `12.3 µs`, `4.56 ms`, `1.2 s`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{_three(seconds / size)} {unit}"
    return f"{_three(seconds / 1e-9)} ns"


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
