"""The lines that findings are about."""

from __future__ import annotations


def source_line(data: bytes, number: int) -> str | None:
    """The line of that number, counted from 1, as far as it is text; None where there is none."""
    start = 0
    for _ in range(number - 1):
        start = data.find(b"\n", start) + 1
        if not start:
            return None
    end = data.find(b"\n", start)
    line = data[start : len(data) if end < 0 else end]
    if not line:
        return None
    return line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r")
