"""How errors show what was found: values in backticks, on one line, named as YAML users do."""

from __future__ import annotations

from collections.abc import Iterable

from model.naming import nearest

_LONGEST = 72


def shown(text: object) -> str:
    """The text in backticks, on one line, cut short where it is long."""
    flat = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))
    if len(flat) > _LONGEST:
        flat = flat[: _LONGEST - 3] + "..."
    return f"`{flat}`"


def found(value: object, written: str | None = None) -> str:
    """What a value is, in the words of whoever wrote it: ``the number `1` ``, `a list`.

    `written` is how it was written, where that may differ: `yes` for true.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        word = "true" if value else "false"
        return (
            f"{shown(written)}, which means {word}" if written not in (word, None) else f"`{word}`"
        )
    if isinstance(value, int | float):
        return f"the number {shown(value if written is None else written)}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return "a list" if isinstance(value, list) else "a mapping"


def listed(names: Iterable[str], joint: str) -> str:
    """The names in backticks, joined by commas and, before the last, by `or` or `and`."""
    marked = [shown(name) for name in names]
    return f" {joint} ".join([", ".join(marked[:-1]), marked[-1]] if len(marked) > 1 else marked)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question with the nearest known names, or empty where none is near."""
    near = nearest(name, known)
    return f"did you mean {listed(near, 'or')}?" if near else ""
