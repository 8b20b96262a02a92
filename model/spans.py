"""Where something stands: a file, a line, a column."""

from __future__ import annotations

from model.record import Record


class Span(Record):
    """A stretch of text in a file.

    `file` is the name as the user gave it (`-` for standard input, `<rules>` for text without a
    file). `line` and `column` are 1-based and count characters; `end_line` and `end_column` are
    where the stretch stops (exclusive column), equal to the start when only a point is known.
    """

    __slots__ = ("column", "end_column", "end_line", "file", "line")

    def __init__(
        self,
        file: str,
        line: int,
        column: int,
        end_line: int | None = None,
        end_column: int | None = None,
    ) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.end_line = line if end_line is None else end_line
        self.end_column = column if end_column is None else end_column

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
