"""All formats by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cli.lint_report.compact import compact
from cli.lint_report.github import github
from cli.lint_report.json_text import json_text
from cli.lint_report.junit import junit
from cli.lint_report.report import Report
from cli.lint_report.sarif import sarif
from cli.lint_report.text import text

TEXT: Final = "text"

# A format gives its text in pieces; only `text` has colours in it.
FORMATS: dict[str, Callable[[Report], Iterator[str]]] = {
    TEXT: text,
    "compact": compact,
    "json": json_text,
    "sarif": sarif,
    "github": github,
    "junit": junit,
}
