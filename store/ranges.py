"""A pool's intervals as compact text.

    10.6.0.1..10.6.0.10 and 10.6.0.20   <->   "a060001-a06000a,a060014"

Numbers are written in hexadecimal, so that the text of a pool is read without a parser.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.intervals import Intervals


def pack(intervals: Intervals) -> str:
    """The text of intervals in normal form; empty for none."""
    return ",".join(
        f"{first:x}" if first == last else f"{first:x}-{last:x}" for first, last in intervals
    )


def unpack(text: str) -> Intervals:
    """The intervals that `pack` wrote."""
    intervals = []
    for piece in text.split(",") if text else ():
        first, dash, last = piece.partition("-")
        low = int(first, 16)
        intervals.append((low, int(last, 16) if dash else low))
    return tuple(intervals)
