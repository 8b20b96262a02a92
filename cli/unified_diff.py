"""Changed files as a unified diff, which `git apply` and `patch` read.

`difflib` takes minutes for thousands of small changes. They are small here, so the texts are walked
side by side, and where they part, the nearest place is looked for where they go on alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_CONTEXT = 3  # lines around a change
_ALIKE = 3  # lines that must agree for the texts to go on alike
_WINDOW = 400  # lines that a change may take


class _Change(NamedTuple):
    """The lines from `start` to before `end` of the old text become those of the new one."""

    start: int
    end: int
    new_start: int
    new_end: int


def unified_diff(name: str, before: bytes, after: bytes) -> Iterator[str]:
    """The diff in pieces; none where nothing changed. The contents are UTF-8."""
    old, new = _lines(before), _lines(after)
    changes = list(_changes(old, new))
    if changes:
        path = name.removeprefix("/")
        yield f"--- a/{path}\n+++ b/{path}\n"
    for group in _groups(changes):
        yield from _hunk(old, new, group)


def _lines(data: bytes) -> list[str]:
    """Cut at line feeds alone; they stay."""
    pieces = data.decode("utf-8").split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    at, new_at = 0, 0
    while at < len(old) or new_at < len(new):
        if at < len(old) and new_at < len(new) and old[at] == new[new_at]:
            at, new_at = at + 1, new_at + 1
            continue
        end, new_end = _meeting(old, new, at, new_at)
        yield _Change(at, end, new_at, new_end)
        at, new_at = end, new_end


def _meeting(old: Sequence[str], new: Sequence[str], at: int, new_at: int) -> tuple[int, int]:
    """The nearest places from which both texts go on alike; their ends, if there are none."""
    for steps in range(1, _WINDOW):
        for new_steps in range(steps + 1):
            end, new_end = at + steps - new_steps, new_at + new_steps
            if end > len(old) or new_end > len(new):
                continue
            rest = old[end : end + _ALIKE]
            if rest == new[new_end : new_end + _ALIKE] and (
                len(rest) == _ALIKE or end + len(rest) == len(old)
            ):
                return end, new_end
    return len(old), len(new)


def _groups(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Changes so near to each other that they share their context."""
    group: list[_Change] = []
    for change in changes:
        if group and change.start - group[-1].end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[_Change]) -> Iterator[str]:
    start = max(0, group[0].start - _CONTEXT)
    end = min(len(old), group[-1].end + _CONTEXT)
    new_start = group[0].new_start - (group[0].start - start)
    new_end = group[-1].new_end + end - group[-1].end
    yield f"@@ -{_stretch(start, end)} +{_stretch(new_start, new_end)} @@\n"
    at = start
    for change in group:
        yield from _marked(" ", old[at : change.start])
        yield from _marked("-", old[change.start : change.end])
        yield from _marked("+", new[change.new_start : change.new_end])
        at = change.end
    yield from _marked(" ", old[at:end])


def _stretch(start: int, end: int) -> str:
    """First line from 1 and count; of no lines, the line before."""
    return f"{start + (end > start)},{end - start}"


def _marked(sign: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield (
            f"{sign}{line}"
            if line.endswith("\n")
            else f"{sign}{line}\n\\ No newline at end of file\n"
        )
