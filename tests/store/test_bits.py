"""The tree of bitmaps against a plain set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.bits import FANOUT, FULL, clear_bit, has, lowest_zero, set_bit

if TYPE_CHECKING:
    from store.bits import Write


class Tree:
    """Nodes in a dict, counting reads."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], int] = {}
        self.reads = 0

    def read(self, level: int, index: int) -> int:
        self.reads += 1
        return self.nodes.get((level, index), 0)

    def apply(self, writes: list[Write]) -> None:
        for level, index, bits in writes:
            if bits:
                self.nodes[level, index] = bits
            else:
                del self.nodes[level, index]


# Neighbourhoods where nodes meet, at several levels, and the ends of both families.
CORNERS = [0, FANOUT, FANOUT**2, FANOUT**3, 2**32 - 2 * FANOUT, 2**64, 2**128 - 2 * FANOUT]
numbers = st.builds(
    lambda corner, offset: max(0, corner + offset),
    st.sampled_from(CORNERS),
    st.integers(-3, 2 * FANOUT - 1),
)
runs = st.tuples(numbers, st.integers(1, 3 * FANOUT))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(runs, st.booleans()), max_size=5), st.lists(runs, min_size=1, max_size=6))
def test_tree_equals_a_set_under_setting_and_clearing(
    changes: list[tuple[tuple[int, int], bool]], questions: list[tuple[int, int]]
) -> None:
    tree = Tree()
    members: set[int] = set()
    for (first, length), setting in changes:
        for one in range(first, first + length):
            tree.apply((set_bit if setting else clear_bit)(tree.read, one))
            (members.add if setting else members.discard)(one)
    for first, length in questions:
        last = first + length - 1
        expected = next((one for one in range(first, last + 1) if one not in members), None)
        assert lowest_zero(tree.read, first, last) == expected
        assert has(tree.read, first) == (first in members)
    for one in members:
        tree.apply(clear_bit(tree.read, one))
    assert tree.nodes == {}


def test_setting_twice_and_clearing_twice_write_nothing() -> None:
    tree = Tree()
    tree.apply(set_bit(tree.read, 5))
    assert set_bit(tree.read, 5) == []
    tree.apply(clear_bit(tree.read, 5))
    assert clear_bit(tree.read, 5) == []


def test_a_full_node_is_told_to_its_parent_and_no_longer_when_it_has_room() -> None:
    tree = Tree()
    for one in range(FANOUT):
        tree.apply(set_bit(tree.read, one))
    assert tree.nodes == {(0, 0): FULL, (1, 0): 1}
    tree.apply(clear_bit(tree.read, 7))
    assert tree.nodes == {(0, 0): FULL & ~(1 << 7)}


@pytest.mark.parametrize(("levels", "held"), [(4, 2**32 - 1), (13, 2**128 - 1)])
def test_the_last_free_address_of_a_family_is_found_in_a_few_reads(levels: int, held: int) -> None:
    reads: list[tuple[int, int]] = []

    def read(level: int, index: int) -> int:
        """Everything below `held` is in the set."""
        reads.append((level, index))
        full_children = (held >> 10 * level) - (index << 10)
        return (1 << min(max(full_children, 0), FANOUT)) - 1

    assert lowest_zero(read, 0, held) == held
    assert len(reads) <= 2 * levels


def test_a_number_beyond_the_last_one_is_not_found() -> None:
    tree = Tree()
    for one in range(10, 20):
        tree.apply(set_bit(tree.read, one))
    assert lowest_zero(tree.read, 10, 19) is None
    assert lowest_zero(tree.read, 10, 20) == 20
