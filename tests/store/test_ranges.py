"""Intervals as text, and the lowest free number in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.intervals import Intervals, union
from store.bits import set_bit
from store.ranges import interval_at, lowest_free, pack, unpack

pairs = st.tuples(st.integers(0, 3000), st.integers(0, 200)).map(lambda p: (p[0], p[0] + p[1]))
normal = st.lists(pairs, max_size=8).map(union)


@given(st.lists(st.tuples(st.integers(0, 2**128), st.integers(0, 2**100)), max_size=5))
def test_unpack_gives_what_was_packed(found: list[tuple[int, int]]) -> None:
    intervals = union((first, first + length) for first, length in found)
    assert unpack(pack(intervals)) == intervals


def test_the_text_of_intervals_is_short() -> None:
    assert pack(((0x0A060001, 0x0A06000A), (0x0A060014, 0x0A060014))) == "a060001-a06000a,a060014"
    assert pack(()) == ""
    assert unpack("") == ()


@given(normal, normal)
def test_lowest_free_equals_a_search_one_by_one(intervals: Intervals, held: Intervals) -> None:
    nodes: dict[tuple[int, int], int] = {}

    def read(level: int, index: int) -> int:
        return nodes.get((level, index), 0)

    members = {one for first, last in held for one in range(first, last + 1)}
    for one in members:
        nodes.update(((level, index), bits) for level, index, bits in set_bit(read, one))
    candidates = (one for first, last in intervals for one in range(first, last + 1))
    expected = next((one for one in candidates if one not in members), None)
    assert lowest_free(read, intervals) == expected


@given(normal, st.integers(0, 4000))
def test_interval_at_is_the_first_that_ends_at_the_number_or_later(
    intervals: Intervals, number: int
) -> None:
    place = interval_at(intervals, number)
    assert all(last < number for _, last in intervals[:place])
    assert all(last >= number for _, last in intervals[place:])
