"""A rule error as a person reads it.

error[rule-syntax]: unexpected `==`
 --> pools.rules:3:20
  |
3 |   require pod.name == "web";
  |                    ^^
expected: `=`, `in`, `matches` or `not in`
hint: write a single `=`
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from grammar.words import either

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.errors import RuleError
    from model.spans import Span

_BEFORE, _WIDTH = 60, 100


def render_error(error: RuleError) -> str:
    """The error in several lines, without a newline at its end and without colour.

    Of a long line, a stretch around the place is shown; unprintable characters are shown as `�`
    and tabs as blanks, so nothing in the text can steer a terminal and the caret stands right.
    """
    return "\n".join(_lines(error))


def _lines(error: RuleError) -> Iterator[str]:
    yield f"error[{error.code}]: {error.message}"
    if error.span:
        number = str(error.span.line)
        margin = " " * len(number)
        line, caret = _excerpt(error.source_line, error.span)
        yield f"{margin}--> {error.span}"
        yield f"{margin} |"
        yield f"{number} | {line}".rstrip()
        yield f"{margin} | {caret}"
    if error.expected:
        yield f"expected: {either(error.expected)}"
    if error.hint:
        yield f"hint: {error.hint}"


def _excerpt(line: str, span: Span) -> tuple[str, str]:
    """The stretch of the line that is shown, and the line of carets under it."""
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
