"""Text that stays on its line, whatever name of a file or of a field went into it."""

from __future__ import annotations


def one_line(text: object) -> str:
    r"""The text with `\n` and the like written out: it moves no cursor and breaks no line."""
    written = str(text)
    if written.isprintable():
        return written
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in written)
