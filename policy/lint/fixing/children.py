"""Entries of a mapping or list as stretches of the text."""

from __future__ import annotations

from dataclasses import dataclass

from policy.places import Place


class UnfixableError(Exception):
    """The text is written in a way in which an edit has no place of its own."""


@dataclass(frozen=True, slots=True)
class Child:
    """One entry: from its key or dash to the end of its value; `value` is the value's place."""

    key: str | int
    start: int
    end: int
    value: Place


def is_in_brackets(text: str, place: Place) -> bool:
    """Whether the mapping or list stands in brackets; `UnfixableError` if it has an anchor."""
    sign = text[place.start.index : place.start.index + 1]
    if sign in ("&", "!", "*"):
        raise UnfixableError("it has an anchor or a tag")
    return sign in ("{", "[")


def children(text: str, place: Place) -> list[Child]:
    """The entries in the order of the text; `UnfixableError` where they are not all its own."""
    brackets = is_in_brackets(text, place)
    found: list[Child] = []
    if isinstance(place.items, dict):
        for key, value in place.items.items():
            start = (place.keys or {})[key].start.index
            found.append(Child(key, start, value.end.index, value))
        found.sort(key=lambda child: child.start)
    for index, value in enumerate(place.items if isinstance(place.items, list) else ()):
        start = value.start.index if brackets else _dash(text, value.start.index)
        found.append(Child(index, start, value.end.index, value))
    ends = [place.start.index, *(child.end for child in found)]
    for end, child in zip(ends, found, strict=False):
        # An alias, or what `<<` brings in, stands elsewhere.
        if not end <= child.start <= child.value.start.index <= child.end:
            raise UnfixableError("some of it is written elsewhere")
    return found


def _dash(text: str, start: int) -> int:
    before = text[:start].rstrip(" \t\r\n")
    if not before.endswith("-"):
        raise UnfixableError("a comment stands behind the dash")
    return len(before) - 1


def line_start(text: str, place: int) -> int:
    """Where the line of a place begins."""
    return text.rfind("\n", 0, place) + 1


def column(text: str, place: int) -> int:
    """How many characters of its line stand before a place."""
    return place - line_start(text, place)


def is_first(text: str, place: int) -> bool:
    """Whether nothing but blanks stands before it in its line."""
    return not text[line_start(text, place) : place].strip(" ")


def entry_end(text: str, end: int) -> int:
    """Where the line that a value ends in is over, its comment included.

    `UnfixableError` if something else stands in it.
    """
    if end and text[end - 1] == "\n":  # a block of text ends where the next thing starts
        while text[:end].endswith(("\n\n", "\n\r\n")):
            end -= 2 if text[:end].endswith("\r\n") else 1
        return end
    newline = text.find("\n", end)
    newline = len(text) if newline < 0 else newline
    rest = text[end:newline].strip()
    if rest and not rest.startswith("#"):
        raise UnfixableError("something stands behind it")
    return min(newline + 1, len(text))
