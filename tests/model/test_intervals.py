"""Interval arithmetic against plain sets."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from model.intervals import Intervals, contains, size, subtract, union

PAIRS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 6)).map(lambda p: (p[0], p[0] + p[1])), max_size=8
)


def members(intervals: Intervals) -> set[int]:
    return {number for first, last in intervals for number in range(first, last + 1)}


def is_normal(intervals: Intervals) -> bool:
    return all(a <= b for a, b in intervals) and all(
        one[1] + 1 < other[0] for one, other in itertools.pairwise(intervals)
    )


@given(PAIRS, PAIRS)
def test_intervals_behave_as_sets(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    a, b = union(left), union(right)
    assert members(a) == members(tuple(left))
    for result, wanted in (
        (a, members(a)),
        (subtract(a, b), members(a) - members(b)),
        (union([*a, *b]), members(a) | members(b)),
    ):
        assert is_normal(result)
        assert members(result) == wanted
        assert size(result) == len(wanted)
    assert all(contains(a, number) == (number in members(a)) for number in range(-1, 50))


def test_a_set_of_2_to_the_64_costs_what_ten_cost() -> None:
    whole = ((0, 2**64 - 1),)
    assert size(subtract(whole, ((5, 5), (7, 9)))) == 2**64 - 4
    assert subtract(whole, ((1, 2**64 - 2),)) == ((0, 0), (2**64 - 1, 2**64 - 1))
