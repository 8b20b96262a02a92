"""One line of a text with a stretch of it underlined, as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from model.spans import Span

_BEFORE, _WIDTH = 60, 100


def excerpt(line: str, span: Span) -> tuple[str, str]:
    """The stretch of the line that is shown, and the line of carets under it.

    Unprintable characters are shown as `�` and tabs as blanks.
    """
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    first = start - _BEFORE if len(line) > _WIDTH and start > _BEFORE else 0
    last = min(len(line), first + _WIDTH)
    left, right = "…" if first else "", "…" if last < len(line) else ""
    before = left + _plain(line[first:start])
    marked = _plain(line[start : min(max(end, start), last)])
    text = before + marked + _plain(line[max(start, min(end, last)) : last]) + right
    return text, " " * _columns(before) + "^" * max(1, _columns(marked))


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " if c == "\t" else "�" for c in text)


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
