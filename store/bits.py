"""A set of integers as a tree of bitmaps, in which the lowest absent one is found in a few reads.

    level 2                     [..0]                    a bit: this child is full
    level 1            [1 0 0 .....]   [.....]           a bit: this child is full
    level 0   [11111111] [1101.....] ...                 a bit: this integer is in the set

A node is an int of `FANOUT` bits under the key (level, index); it covers the integers
`index * FANOUT**(level + 1)` onwards. A node without a set bit is not stored: reading it gives 0.
The functions see the tree through `read(level, index)` alone and return what is to be written, so
they know nothing of where nodes live. IPv4 needs 4 levels and IPv6 13.

Invariant: the bit of a child is set in its parent exactly when all `FANOUT` bits of it are set.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[int, int], int]
    # level, index, bits: the node as it is to be, to be removed where bits is 0
    Write = tuple[int, int, int]

SHIFT = 10
FANOUT = 1 << SHIFT
FULL = (1 << FANOUT) - 1
_OFFSET = FANOUT - 1


def has(read: Read, number: int) -> bool:
    """Whether `number` is in the set."""
    return bool(read(0, number >> SHIFT) >> (number & _OFFSET) & 1)


def lowest_zero(read: Read, first: int, last: int) -> int | None:
    """The lowest number from `first` to `last` (inclusive) that is not in the set, or None.

    Climbs from the leaf of `first` until a node has room to the right, then descends to it. The
    number of reads is at most twice the number of levels, whatever the set holds.
    """
    level, position = 0, first
    while position << SHIFT * level <= last:
        index, offset = position >> SHIFT, position & _OFFSET
        room = ~read(level, index) & FULL & -(1 << offset)
        if room:
            number = _descend(read, level, (index << SHIFT) + _lowest_bit(room))
            return number if number <= last else None
        level, position = level + 1, index + 1
    return None


def _descend(read: Read, level: int, position: int) -> int:
    """The lowest number not in the set under a child that is not full."""
    while level:
        level -= 1
        room = ~read(level, position) & FULL
        position = (position << SHIFT) + _lowest_bit(room)
    return position


def _lowest_bit(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def set_bit(read: Read, number: int) -> list[Write]:
    """The nodes to write so that `number` is in the set; none if it was."""
    writes: list[Write] = []
    level, position = 0, number
    while True:
        index, bit = position >> SHIFT, 1 << (position & _OFFSET)
        before = read(level, index)
        if before & bit:
            return writes
        writes.append((level, index, before | bit))
        if before | bit != FULL:
            return writes
        level, position = level + 1, index


def clear_bit(read: Read, number: int) -> list[Write]:
    """The nodes to write so that `number` is not in the set; none if it was not."""
    writes: list[Write] = []
    level, position = 0, number
    while True:
        index, bit = position >> SHIFT, 1 << (position & _OFFSET)
        before = read(level, index)
        if not before & bit:
            return writes
        writes.append((level, index, before & ~bit))
        if before != FULL:
            return writes
        level, position = level + 1, index
