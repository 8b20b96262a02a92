"""Places in a text by line and column, and back."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from model.spans import Span
from policy.documents import Document
from policy.lint.finding import Fix
from policy.lint.fixing.children import UnfixableError
from policy.lint.fixing.replacements import Replacement, replacements


@lru_cache(maxsize=16)
def line_starts(text: str) -> list[int]:
    """Where each line of the text begins; a line ends in a line feed."""
    starts = [0]
    while place := text.find("\n", starts[-1]) + 1:
        starts.append(place)
    return starts


def in_file(document: Document, change: Replacement, file_text: str) -> Replacement:
    """A change of the document's text as one of the text of its file."""
    starts = line_starts(file_text)

    def moved(place: int) -> int:
        line, column = position(document, place)
        return min(starts[min(line, len(starts)) - 1] + column - 1, len(file_text))

    return Replacement(moved(change.start), moved(change.end), change.text)


def position(document: Document, place: int) -> tuple[int, int]:
    """(line, column) in the file, from 1, of a place in the document's text."""
    starts = line_starts(document.text)
    row = bisect_right(starts, place) - 1
    return row + document.first_line, place - starts[row] + 1


def changes_of(fix: Fix) -> list[tuple[Span, str]]:
    """(stretch of the file, text that takes its place) of a fix; none where it has no place."""
    document = fix.document
    try:
        made = replacements(document, fix.edits)
    except UnfixableError:
        return []
    found = [(span, "") for span in fix.cuts]
    for one in made:
        start, end = position(document, one.start), position(document, one.end)
        found.append((Span(document.file, *start, *end), one.text))
    return found
