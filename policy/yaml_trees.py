"""YAML events to plain data and the places of everything in it.

Events are read one by one and the tree is grown on a stack of our own, so that no nesting, alias
or key can exhaust Python's stack or the memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import yaml

from policy.places import Place
from policy.wording import shown
from policy.yaml_scalars import CONTAINER_TAGS, key_text, resolve_plain, resolve_tagged

DEEPEST = 100  # levels of nesting; a Pod has about twelve
MOST_ALIASED = 100_000  # values that aliases may add to one text

# libyaml reads ten times faster than the pure Python reader; both give the same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


ENOUGH_OF_A_LIST = 1000
MOST_VALUES = 6_000_000  # of one file; a cluster's ten thousand Pods have half of that


class Allowance:
    """How many values of a file may still be read."""

    __slots__ = ("left",)

    def __init__(self, left: int = MOST_VALUES) -> None:
        self.left = left


class TreeError(Exception):
    """A text that has no tree: what is wrong, what to do, and the place.

    `{line}` in the hint stands for `other_line` (0-based), which the caller alone can number.
    """

    def __init__(self, message: str, hint: str, place: Place, other_line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
        self.other_line = other_line


class Tree:
    """One YAML document: plain data, where it stands, and errors that left it readable.

    `text` is the text that its places count in, other documents of it included.
    """

    __slots__ = ("data", "errors", "place", "text")

    def __init__(self, data: Any, place: Place, errors: list[TreeError], text: str) -> None:
        self.data = data
        self.place = place
        self.errors = errors
        self.text = text


class _Value:
    """A finished value. `size` counts it and everything inside it, aliases written out."""

    __slots__ = ("data", "place", "size")

    def __init__(self, data: Any, place: Place, size: int) -> None:
        self.data = data
        self.place = place
        self.size = size


class _Frame:
    """A mapping or list that is still open."""

    __slots__ = ("anchor", "block", "key", "merges", "value")

    def __init__(self, value: _Value, anchor: str | None, block: bool) -> None:
        self.value = value
        self.anchor = anchor
        self.block = block
        self.key: _Value | None = None
        self.merges: list[_Value] = []


def read_trees(text: str, allowance: Allowance | None = None) -> Iterator[Tree]:
    """Each document of the text in turn; `TreeError` or `yaml.YAMLError` ends it.

    So does a document that is a long list, since no object is one: it is given cut short.
    """
    allowance = allowance or Allowance()
    loader = _Loader(text)
    try:
        while True:
            event = loader.get_event()
            if event is None or isinstance(event, yaml.StreamEndEvent):
                return
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder(loader, text, allowance)
                yield builder.build()
                if builder.stack:  # a list, which was not read to its end
                    return
    finally:
        loader.dispose()


class _Builder:
    """Grows one document's tree."""

    def __init__(self, loader: Any, text: str, allowance: Allowance) -> None:
        self.allowance = allowance
        self.loader = loader
        self.text = text
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Value | None] = {}
        self.errors: list[TreeError] = []
        self.aliased = 0

    def build(self) -> Tree:
        root = None
        while root is None:
            value = self.step(self.loader.get_event())
            if value is not None:
                root = self.attach(value)
            if root is None and self.is_long_list():
                root = self.stack[0].value
        return Tree(root.data, root.place, self.errors, self.text)

    def is_long_list(self) -> bool:
        """Whether the document is a list, of which enough was read: no object is a list."""
        outer = self.stack[0].value if len(self.stack) == 1 else None
        return outer is not None and outer.place.keys is None and outer.size > ENOUGH_OF_A_LIST

    def step(self, event: Any) -> _Value | None:
        """The value that this event finishes, if it finishes one."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = _scalar(event)
            if event.anchor is not None:
                self.anchors[event.anchor] = value
            return value
        if kind is yaml.AliasEvent:
            return self.alias(event)
        if kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self.open(event, {} if kind is yaml.MappingStartEvent else [])
            return None
        return self.close(event)

    def open(self, event: Any, data: Any) -> None:
        place = Place(event.start_mark, event.end_mark)
        if len(self.stack) >= DEEPEST:
            raise TreeError(
                f"this is nested deeper than {DEEPEST} levels",
                "no Kubernetes object is; look for a bracket that is not closed",
                place,
            )
        if event.tag is not None and event.tag not in CONTAINER_TAGS:
            raise _unknown_tag(event.tag, place)
        if isinstance(data, dict):
            place.items, place.keys = {}, {}
        else:
            place.items = []
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(_Value(data, place, 1), event.anchor, not event.flow_style))

    def close(self, event: Any) -> _Value:
        frame = self.stack.pop()
        value = frame.value
        if frame.merges:
            _merge(frame)
        # A block ends where the next thing starts; its last line is what a reader looks for.
        value.place.end = _last_end(value.place) if frame.block else event.end_mark
        if frame.anchor is not None:
            self.anchors[frame.anchor] = value
        return value

    def alias(self, event: Any) -> _Value:
        place = Place(event.start_mark, event.end_mark)
        name = shown("*" + event.anchor)
        if event.anchor not in self.anchors:
            raise TreeError(f"{name} has no anchor", f"write `&{event.anchor}` before it", place)
        target = self.anchors[event.anchor]
        if target is None:
            raise TreeError(f"{name} stands inside what it stands for", "write it out", place)
        self.aliased += target.size
        if self.aliased > MOST_ALIASED:
            raise TreeError(
                "the aliases of this document stand for too much",
                f"write it out; aliases may add {MOST_ALIASED} values at most",
                place,
            )
        return _Value(target.data, target.place, target.size)

    def attach(self, value: _Value) -> _Value | None:
        """Put a finished value where it belongs; itself, if it is the whole document."""
        if not self.stack:
            return value
        self.allowance.left -= 1
        if self.allowance.left <= 0:
            self.allowance.left = 0
            raise TreeError(
                f"the file has more than {MOST_VALUES} values", "split the file", value.place
            )
        frame = self.stack[-1]
        if frame.value.place.keys is None:
            frame.value.data.append(value.data)
            frame.value.place.items.append(value.place)  # type: ignore[union-attr]
        elif frame.key is None:
            frame.key = self.checked_key(value)
            return None
        else:
            self.put(frame, frame.key, value)
            frame.key = None
        frame.value.size += value.size
        return None

    def checked_key(self, key: _Value) -> _Value:
        text = None if isinstance(key.data, dict | list) else key_text(key.data)
        if text is None:
            raise TreeError(
                "a key is null or no single word", "write a text before the colon", key.place
            )
        return _Value(text, key.place, 1)

    def put(self, frame: _Frame, key: _Value, value: _Value) -> None:
        place = frame.value.place
        assert isinstance(place.items, dict)
        assert place.keys is not None
        if key.place.text == "<<":
            frame.merges.extend(_merged_mappings(value))
        elif key.data in place.items:
            first = place.keys[key.data].start
            self.errors.append(_duplicate_key(key, first))
        else:
            frame.value.data[key.data] = value.data
            place.items[key.data] = value.place
            place.keys[key.data] = key.place


def _scalar(event: Any) -> _Value:
    plain = event.implicit[0]
    text = event.value if plain else None
    place = Place(event.start_mark, event.end_mark, text, event.style or "")
    if event.tag is not None and event.tag != "!":
        try:
            value = resolve_tagged(event.tag, event.value)
        except ValueError:
            raise _unknown_tag(event.tag, place) from None
    else:
        value = resolve_plain(event.value) if plain else event.value
    if isinstance(value, float) and not math.isfinite(value):
        message = f"{shown(event.value)} is a number that JSON does not have"
        raise TreeError(message, "put it in quotes", place)
    return _Value(value, place, 1)


def _unknown_tag(tag: str, place: Place) -> TreeError:
    short = tag.replace("tag:yaml.org,2002:", "!!")
    return TreeError(f"the tag {shown(short)} does not fit here", "leave it out", place)


def _duplicate_key(key: _Value, first: Any) -> TreeError:
    return TreeError(
        f"{shown(key.data)} stands twice in one mapping",
        "keep one of them; the first is in line {line}",
        key.place,
        first.line,
    )


def _merged_mappings(value: _Value) -> list[_Value]:
    """The mappings that a `<<` key brings in, the first of which wins."""
    if isinstance(value.data, dict):
        return [value]
    if isinstance(value.data, list) and all(isinstance(item, dict) for item in value.data):
        places = value.place.items
        assert isinstance(places, list)
        return [_Value(d, p, 1) for d, p in zip(value.data, places, strict=True)]
    raise TreeError("`<<` merges something that is no mapping", "name a mapping", value.place)


def _merge(frame: _Frame) -> None:
    target = frame.value.place
    assert isinstance(target.items, dict)
    assert target.keys is not None
    for source in frame.merges:
        assert isinstance(source.place.items, dict)
        assert source.place.keys is not None
        for key, value in source.data.items():
            if key not in target.items:
                frame.value.data[key] = value
                target.items[key] = source.place.items[key]
                target.keys[key] = source.place.keys[key]


def _last_end(place: Place) -> Any:
    """Where the last thing inside a block ends, which is written in it and not merely named."""
    inner = place.items.values() if isinstance(place.items, dict) else place.items or ()
    ends = [item.end for item in inner] + [key.end for key in (place.keys or {}).values()]
    return max(ends, key=lambda mark: (mark.line, mark.column), default=place.end)
