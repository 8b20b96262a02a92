"""Intervals as text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.intervals import union
from store.ranges import pack, unpack


@given(st.lists(st.tuples(st.integers(0, 2**128), st.integers(0, 2**100)), max_size=5))
def test_unpack_gives_what_was_packed(found: list[tuple[int, int]]) -> None:
    intervals = union((first, first + length) for first, length in found)
    assert unpack(pack(intervals)) == intervals


def test_the_text_of_intervals_is_short() -> None:
    assert pack(((0x0A060001, 0x0A06000A), (0x0A060014, 0x0A060014))) == "a060001-a06000a,a060014"
    assert pack(()) == ""
    assert unpack("") == ()
