"""Plain data after edits: what a text must hold once they are done to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policy.lint.finding import REMOVE, Edit
from policy.places import Path


def edited(data: Any, edits: Sequence[Edit]) -> Any:
    """A copy with all edits done; their paths count before all of them."""
    for edit in edits:
        if edit.value is not REMOVE:
            data = _put(data, edit.path, edit.value)
    removed = [edit.path for edit in edits if edit.value is REMOVE]
    for path in sorted(removed, key=_place, reverse=True):
        data = _without(data, path)
    return data


def _place(path: Path) -> list[tuple[int, int, str]]:
    return [(0, step, "") if isinstance(step, int) else (1, 0, step) for step in path]


def _put(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(data, list):
        assert isinstance(step, int)
        if step >= len(data):
            return [*data, _put(None, rest, value)]
        return [*data[:step], _put(data[step], rest, value), *data[step + 1 :]]
    inner = data or {}
    return {**inner, str(step): _put(inner.get(str(step)), rest, value)}


def _without(data: Any, path: Path) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        kept = [_without(data[step], rest)] if rest else []
        return [*data[:step], *kept, *data[step + 1 :]]
    if isinstance(data, dict) and step in data:
        if rest:
            return {**data, str(step): _without(data[str(step)], rest)}
        return {key: value for key, value in data.items() if key != step}
    return data
