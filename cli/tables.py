"""Columns as kubectl prints them: upper-case headings, three blanks, `<none>` for nothing."""

from __future__ import annotations

from collections.abc import Sequence

GAP = "   "


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table as text without a final newline; the last column is not padded."""
    cells = [list(headings), *([cell or "<none>" for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    return "\n".join(
        GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
