"""Values as they are written into a manifest: as JSON, in brackets, or as lines of YAML."""

from __future__ import annotations

import json
import re
from typing import Any

from policy.yaml_scalars import resolve_plain

_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*")


def scalar(value: Any, style: str = "") -> str:
    """A text, number, truth value or null; `style` is the quote that is preferred for texts."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style == '"':
        return json.dumps(value, ensure_ascii=False)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if _PLAIN.fullmatch(value) and resolve_plain(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def in_brackets(value: Any, style: str = "") -> str:
    """The value on one line; with `style` `"`, it is JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(pair(key, inner, style) for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_brackets(inner, style) for inner in value) + "]"
    return scalar(value, style)


def pair(key: str, value: Any, style: str = "") -> str:
    """`key: value` on one line."""
    return f"{scalar(key, style)}: {in_brackets(value, style)}"


def lines(value: Any, indent: int) -> list[str]:
    """A mapping or list with something in it as lines, each behind that many blanks."""
    blanks = " " * indent
    found: list[str] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _behind(f"{blanks}{scalar(key)}:", inner, indent + 2)
        return found
    for inner in value:
        if isinstance(inner, dict | list) and inner:
            first, *others = lines(inner, indent + 2)
            found += [f"{blanks}- {first.lstrip()}", *others]
        else:
            found.append(f"{blanks}- {in_brackets(inner)}")
    return found


def _behind(head: str, value: Any, indent: int) -> list[str]:
    if isinstance(value, dict | list) and value:
        return [head, *lines(value, indent)]
    return [f"{head} {in_brackets(value)}"]
