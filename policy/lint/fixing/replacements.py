"""Edits of a document as stretches of its text that become others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from policy.documents import Document
from policy.lint.finding import REMOVE, Edit
from policy.lint.fixing.children import (
    Child,
    UnfixableError,
    children,
    column,
    entry_end,
    is_first,
    is_in_brackets,
    line_start,
)
from policy.lint.fixing.written import in_brackets, lines, pair
from policy.places import Path, Place


class Replacement(NamedTuple):
    """`text` instead of the characters from `start` to before `end`."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Changes:
    """What happens to the entries of one mapping or list."""

    removed: set[str | int] = field(default_factory=set)
    replaced: dict[str | int, Any] = field(default_factory=dict)
    added: dict[str | int, Any] = field(default_factory=dict)


def replacements(document: Document, edits: Sequence[Edit]) -> list[Replacement]:
    """What to replace in `document.text`, in order and without overlap.

    `UnfixableError` where the text is written in a way that leaves no place for it.
    """
    groups: dict[Path, _Changes] = {}
    for edit in edits:
        _sort_in(document.data, edit, groups)
    found: list[tuple[int, int, int, str]] = []
    for path, changes in groups.items():
        made = _Writer(document, path, changes).made()
        # What is inserted deeper at the same place stands first.
        found += [(one.start, one.end, -len(path), one.text) for one in made]
    ordered = [Replacement(start, end, text) for start, end, _, text in sorted(found)]
    if any(after.start < before.end for before, after in pairwise(ordered)):
        raise UnfixableError("the changes overlap")
    return ordered


def _sort_in(data: Any, edit: Edit, groups: dict[Path, _Changes]) -> None:
    """File the edit under the deepest mapping or list that is there."""
    path = edit.path
    for depth, step in enumerate(path[:-1]):
        inner = data[step] if _has(data, step) else None
        if inner is None:
            value = edit.value
            if value is REMOVE:
                return
            for missing in reversed(path[depth + 1 :]):
                value = {missing: value}
            group = groups.setdefault(path[:depth], _Changes())
            into = group.replaced if _has(data, step) else group.added
            into[step] = _merged(into.get(step), value)
            return
        data = inner
    group = groups.setdefault(path[:-1], _Changes())
    if not _has(data, path[-1]):
        if edit.value is not REMOVE:
            group.added[path[-1]] = edit.value
    elif edit.value is REMOVE:
        group.removed.add(path[-1])
    else:
        group.replaced[path[-1]] = edit.value


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}


class _Writer:
    """Writes the changes of one mapping or list."""

    def __init__(self, document: Document, path: Path, changes: _Changes) -> None:
        self.text = document.text
        self.document = document
        self.path = path
        self.place = document.place.find(path)
        self.brackets = is_in_brackets(self.text, self.place)
        self.children = children(self.text, self.place)
        self.changes = changes
        self.kept = [child for child in self.children if child.key not in changes.removed]
        self.newline = "\r\n" if "\r\n" in self.text else "\n"

    def made(self) -> Iterator[Replacement]:
        for child in self.children:
            if child.key in self.changes.replaced:
                yield self.replaced(child.value, self.changes.replaced[child.key])
        if self.children and not self.kept:
            yield from self.emptied()
            return
        yield from self.removed_from_brackets() if self.brackets else self.removed_lines()
        if self.changes.added:
            yield self.added_in_brackets() if self.brackets else self.added_lines()

    @property
    def new(self) -> Any:
        """What is added, as a mapping or list of its own."""
        added = self.changes.added
        return added if isinstance(self.place.items, dict) else list(added.values())

    @property
    def style(self) -> str:
        """The quote that texts have beside those that are added."""
        keys = (self.place.keys or {}).values()
        places = list(keys) if keys else [child.value for child in self.children]
        if self.text.lstrip()[:1] in ("{", "[") or any(one.style == '"' for one in places):
            return '"'
        return ""

    def joined(self, value: Any, indent: int) -> str:
        return self.newline.join(lines(value, indent))

    def replaced(self, old: Place, value: Any) -> Replacement:
        start, end = old.start.index, old.end.index
        is_block = isinstance(old.items, dict | list) and not is_in_brackets(self.text, old)
        if start == end:  # nothing was written
            if not self.brackets and isinstance(value, dict | list) and value:
                indent = column(self.text, self.children[0].start) + 2
                return Replacement(start, end, self.newline + self.joined(value, indent))
            return Replacement(start, end, " " + in_brackets(value, self.style))
        if is_block and isinstance(value, dict | list) and value:
            written = self.joined(value, column(self.text, start)).lstrip(" ")
            return Replacement(start, end, written)
        if old.style in ("|", ">"):
            end = entry_end(self.text, end) - len(self.newline)
        style = old.style if old.style in ("'", '"') else self.style if self.brackets else ""
        return Replacement(start, end, in_brackets(value, style))

    def emptied(self) -> Iterator[Replacement]:
        """All entries go; others may come."""
        first, last = self.children[0], self.children[-1]
        end = last.end if self.brackets else len(self.text[: self.whole_end(last)].rstrip("\r\n"))
        if self.changes.added:
            indent = column(self.text, first.start)
            written = (
                self.inside_brackets() if self.brackets else self.joined(self.new, indent).lstrip()
            )
            yield Replacement(first.start, end, written)
            return
        if self.brackets:
            yield Replacement(self.place.start.index + 1, self.place.end.index - 1, "")
            return
        sign = "{}" if isinstance(self.place.items, dict) else "[]"
        key = self.document.place.find_key(self.path) if self.path else None
        if key is None or not isinstance(self.path[-1], str) or not self.is_below(key):
            yield Replacement(first.start, end, sign)
            return
        colon = self.text.index(":", key.end.index) + 1
        yield Replacement(colon, colon, f" {sign}")
        yield Replacement(line_start(self.text, first.start), self.whole_end(last), "")

    def is_below(self, key: Place) -> bool:
        """Whether the first entry stands on a line of its own below the key."""
        return key.end.line < self.place.start.line and is_first(self.text, self.children[0].start)

    def whole_end(self, child: Child) -> int:
        return entry_end(self.text, child.end)

    def removed_lines(self) -> Iterator[Replacement]:
        removed = [child for child in self.children if child.key in self.changes.removed]
        if removed and not is_first(self.text, removed[0].start):  # `- ` stands before it
            following = self.kept[0]
            yield Replacement(removed[0].start, following.start, "")
            removed = [child for child in removed if child.start > following.start]
        for child in removed:
            yield Replacement(line_start(self.text, child.start), self.whole_end(child), "")

    def removed_from_brackets(self) -> Iterator[Replacement]:
        for place, child in enumerate(self.children):
            if child.key not in self.changes.removed:
                continue
            if any(other.start > child.start for other in self.kept):
                yield Replacement(child.start, self.children[place + 1].start, "")
            else:
                yield Replacement(self.children[place - 1].end, child.end, "")

    def inside_brackets(self) -> str:
        if isinstance(self.place.items, dict):
            return ", ".join(pair(str(k), v, self.style) for k, v in self.changes.added.items())
        return ", ".join(in_brackets(value, self.style) for value in self.new)

    def added_in_brackets(self) -> Replacement:
        if not self.children:
            start, end = self.place.start.index + 1, self.place.end.index - 1
            return Replacement(start, end, self.inside_brackets())
        last = self.children[-1]
        gap = ", "
        if is_first(self.text, last.start) and last.start > self.place.start.index + 1:
            gap = f",{self.newline}{' ' * column(self.text, last.start)}"
        return Replacement(last.end, last.end, gap + self.inside_brackets())

    def added_lines(self) -> Replacement:
        if not self.children:
            raise UnfixableError("nothing is written there")
        place = self.whole_end(self.children[-1])
        written = self.joined(self.new, column(self.text, self.children[0].start))
        if self.text[:place].endswith("\n"):
            return Replacement(place, place, written + self.newline)
        return Replacement(place, place, self.newline + written)
