"""A text, where it stands, and errors that point into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.errors import RuleError
from model.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token


class Source:
    """A text of the rule language inside a file.

    The text's first character stands at `line` and `column` of `file`; its later lines begin at
    `later_column` (a block of YAML is indented). All are 1-based; offsets are 0-based characters.
    """

    __slots__ = ("_first_shift", "_later_shift", "file", "line", "text")

    def __init__(
        self, text: str, file: str, line: int = 1, column: int = 1, later_column: int = 1
    ) -> None:
        self.text = text
        self.file = file
        self.line = line
        self._first_shift = column - 1
        self._later_shift = later_column - 1

    def span(self, first: Token, last: Token) -> Span:
        """From the start of one token to the end of another."""
        return self._span(
            first.line or 1, first.column or 1, last.end_line or 1, last.end_column or 1
        )

    def span_at(self, start: int, end: int) -> Span:
        """From one offset to another; the same for a point."""
        return self._span(*self._line_column(start), *self._line_column(end))

    def _span(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        shift = self.line - 1
        return Span(
            self.file,
            line + shift,
            column + self._shift(line),
            end_line + shift,
            end_column + self._shift(end_line),
        )

    def _shift(self, line: int) -> int:
        return self._first_shift if line == 1 else self._later_shift

    def _line_column(self, offset: int) -> tuple[int, int]:
        start_of_line = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - start_of_line + 1

    def line_at(self, offset: int) -> str:
        """The whole line around an offset, blanks in front where the text is not at column 1."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        line = self.text[start : len(self.text) if end < 0 else end]
        return " " * self._shift(1 if start == 0 else 2) + line.rstrip("\r")

    def error(
        self,
        message: str,
        start: int,
        end: int,
        code: str = "rule-type",
        hint: str = "",
        expected: Sequence[str] = (),
    ) -> RuleError:
        """An error about the text between two offsets, with span and source line filled in."""
        span = self.span_at(start, end)
        return RuleError(message, hint, span, code, sorted(expected), self.line_at(start))

    def error_at(
        self,
        message: str,
        first: Token,
        last: Token | None = None,
        hint: str = "",
        expected: Sequence[str] = (),
    ) -> RuleError:
        """A type error about the text from one token to another, or about one token."""
        start, end = first.start_pos or 0, (last or first).end_pos or 0
        return self.error(message, start, end, "rule-type", hint, expected)
