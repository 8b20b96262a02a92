"""Sets of integers as sorted, disjoint, non-adjacent intervals `((first, last), ...)`.

Both ends are inclusive. Nothing here walks an interval: a set of 2**64 members costs what ten cost.

    union      [1..3] + [3..9] + [20..20]   ->  [1..9] [20..20]
    subtract   [1..9] - [4..5]              ->  [1..3] [6..9]
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


def union(intervals: Iterable[Interval]) -> Intervals:
    """The normal form of any intervals, in any order, overlapping or not."""
    merged: list[Interval] = []
    for first, last in sorted(intervals):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return tuple(merged)


def subtract(left: Intervals, right: Intervals) -> Intervals:
    """What is in `left` and not in `right`; both in normal form."""
    rest: list[Interval] = []
    index = 0
    for first, last in left:
        start = first
        while index < len(right) and right[index][1] < start:
            index += 1
        position = index
        while start <= last and position < len(right) and right[position][0] <= last:
            if right[position][0] > start:
                rest.append((start, right[position][0] - 1))
            start = right[position][1] + 1
            position += 1
        if start <= last:
            rest.append((start, last))
    return tuple(rest)


def size(intervals: Intervals) -> int:
    """How many integers the set holds."""
    return sum(last - first + 1 for first, last in intervals)


def contains(intervals: Intervals, number: int) -> bool:
    """Whether `number` is in the set. Binary search: the cost is the logarithm of the pieces."""
    low, high = 0, len(intervals)
    while low < high:
        middle = (low + high) // 2
        if intervals[middle][1] < number:
            low = middle + 1
        else:
            high = middle
    return low < len(intervals) and intervals[low][0] <= number
