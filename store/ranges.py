"""A pool's intervals: their compact text, and the lowest free address in them.

    10.6.0.1..10.6.0.10 and 10.6.0.20   <->   "a060001-a06000a,a060014"

Numbers are written in hexadecimal, so that the text of a pool is read without a parser.
"""

from __future__ import annotations

from store.bits import lowest_zero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.intervals import Intervals
    from store.bits import Read


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


def lowest_free(read: Read, intervals: Intervals) -> int | None:
    """The lowest number of the intervals that is not in the bitmap, or None.

    From a number in a gap the search goes on at the next interval, found by binary search.
    """
    index, end = 0, intervals[-1][1] if intervals else -1
    while index < len(intervals):
        number = lowest_zero(read, intervals[index][0], end)
        if number is None:
            return None
        index = interval_at(intervals, number, index)
        if intervals[index][0] <= number:
            return number
    return None


def interval_at(intervals: Intervals, number: int, start: int = 0) -> int:
    """The place of the first interval, from `start` on, that ends at `number` or later."""
    low, high = start, len(intervals)
    while low < high:
        middle = (low + high) // 2
        if intervals[middle][1] < number:
            low = middle + 1
        else:
            high = middle
    return low
