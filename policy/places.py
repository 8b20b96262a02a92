"""Where each value of a YAML document stands.

Place        the value itself       start, end
├─ items     the places inside      by key, or by index
└─ keys      the keys of a mapping  by key
"""

from __future__ import annotations

from typing import Any

from model.spans import Span

Path = tuple[str | int, ...]


class Place:
    """Start and end mark of a value (`line`, `column`, 0-based), and the places inside it.

    `text` is what was written, for a word or number without quotes, which may mean something else;
    `style` is the quote or block sign (`|`, `>`) that a text begins with, or empty.
    """

    __slots__ = ("end", "items", "keys", "start", "style", "text")

    def __init__(self, start: Any, end: Any, text: str | None = None, style: str = "") -> None:
        self.start = start
        self.end = end
        self.text = text
        self.style = style
        self.items: dict[str, Place] | list[Place] | None = None
        self.keys: dict[str, Place] | None = None

    def inner(self, step: str | int) -> Place | None:
        """The place of a value inside this one; None where there is none."""
        if isinstance(self.items, dict):
            return self.items.get(str(step))
        if isinstance(self.items, list) and isinstance(step, int) and step < len(self.items):
            return self.items[step]
        return None

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest parent that is there."""
        place = self
        for step in path:
            inner = place.inner(step)
            if inner is None:
                break
            place = inner
        return place

    def find_key(self, path: Path) -> Place:
        """The place of the key that `path` ends with; that of the value where it is no key."""
        parent = self.find(path[:-1])
        key = (parent.keys or {}).get(str(path[-1])) if path else None
        return key or self.find(path)

    def span(self, file: str, first_line: int) -> Span:
        """As a span of the file in which the document's text starts on line `first_line`."""
        return Span(
            file,
            self.start.line + first_line,
            self.start.column + 1,
            self.end.line + first_line,
            self.end.column + 1,
        )


def path_text(path: Path) -> str:
    """A path as Kubernetes writes it: `spec.ips[2]`, `metadata.labels[app.io/x]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isalnum():
            text += f".{step}" if text else step
        else:
            text += f"[{step}]"
    return text
