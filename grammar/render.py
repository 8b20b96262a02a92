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

from grammar.excerpt import excerpt
from grammar.words import either

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.errors import RuleError


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
        line, caret = excerpt(error.source_line, error.span)
        yield f"{margin}--> {error.span}"
        yield f"{margin} |"
        yield f"{number} | {line}".rstrip()
        yield f"{margin} | {caret}"
    if error.expected:
        yield f"expected: {either(error.expected)}"
    if error.hint:
        yield f"hint: {error.hint}"
