r"""Where each character of a text stands in the file, whichever way YAML wrote it.

    text      require exists pod.label["a"];
    written   "require exists pod.label[\"a\"];"     or over several lines, or in a block

Positions are found by reading what was written once more, and are believed only if that gives the
text again.
"""

from __future__ import annotations

import re

from model.spans import Span
from policy.places import Place

# A line break inside quotes, a doubled quote, an escape, or any other character.
_SINGLE = re.compile(r"(?P<fold>[ \t]*\n\s*)|''|.")
_DOUBLE = re.compile(
    r"(?P<none>\\[ \t]*\n[ \t]*)|(?P<fold>[ \t]*\n\s*)"
    r"|\\(?:x.{2}|u.{4}|U.{8}|.)|."
)


class WrittenText:
    """A text and the place of each of its characters."""

    def __init__(self, text: str, place: Place, source: str, file: str, first_line: int) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._place = place
        self._file, self._first_line = file, first_line
        self._written = source[place.start.index : place.end.index]
        self._offsets = _offsets(text, self._written, place.style)

    def span(self, inner: Span) -> Span:
        """The span of the file for one of the text; the whole text's where it cannot be told."""
        if self._offsets is None:
            return self._place.span(self._file, self._first_line)
        line, column = self._position(inner.line, inner.column)
        end_line, end_column = self._position(inner.end_line, inner.end_column)
        return Span(self._file, line, column, end_line, end_column)

    def _position(self, line: int, column: int) -> tuple[int, int]:
        assert self._offsets is not None
        number = self._starts[min(line, len(self._starts)) - 1] + column - 1
        before = self._written[: self._offsets[min(number, len(self._offsets) - 1)]]
        lines = before.count("\n")
        first_column = 0 if lines else self._place.start.column
        return (
            self._place.start.line + lines + self._first_line,
            first_column + len(before) - (before.rfind("\n") + 1) + 1,
        )


def _offsets(text: str, written: str, style: str) -> list[int] | None:
    """The offset of each character of the text in what was written, and of its end."""
    if style in ("|", ">"):
        return _block_offsets(text, written)
    if style in ("'", '"'):
        return _quoted_offsets(text, written, _SINGLE if style == "'" else _DOUBLE)
    return _quoted_offsets(text, f" {written} ", _SINGLE, shift=-1)


def _quoted_offsets(
    text: str, written: str, tokens: re.Pattern[str], shift: int = 0
) -> list[int] | None:
    """For a text between two signs, which are left out."""
    offsets: list[int] = []
    for match in tokens.finditer(written, 1, len(written) - 1):
        found = match.group()
        if match.lastgroup == "none":
            continue
        if match.lastgroup == "fold":  # one line break is a blank, n of them are n - 1
            meant = "\n" * (found.count("\n") - 1) or " "
        else:
            meant = found if len(found) == 1 else text[len(offsets) : len(offsets) + 1]
        if not meant or not text.startswith(meant, len(offsets)):
            return None
        offsets.extend([match.start() + shift] * len(meant))
    offsets.append(len(written) - 1 + shift)
    return offsets if len(offsets) == len(text) + 1 else None


def _block_offsets(text: str, written: str) -> list[int] | None:
    """For a block: a line with its sign, then the text, indented."""
    head, _, rest = written.partition("\n")
    lines = rest.split("\n")
    indent = _indent(lines) - _indent(text.split("\n"))
    offsets: list[int] = []
    start = len(head) + 1
    for line in lines:
        content = line[indent:]
        if len(offsets) == len(text):
            break
        if not text.startswith(content, len(offsets)):
            return None
        offsets.extend(range(start + len(line) - len(content), start + len(line)))
        start += len(line) + 1
        if text[len(offsets) : len(offsets) + 1] in (" ", "\n"):
            offsets.append(start - 1)
    offsets.append(start - 1)
    return offsets if len(offsets) == len(text) + 1 else None


def _indent(lines: list[str]) -> int:
    first = next((line for line in lines if line.strip()), "")
    return len(first) - len(first.lstrip(" "))
