"""The bitmap of taken addresses, which is an index over the leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_from_bytes, address_text
from store.bitmap import bits_bytes, index_bytes
from store.bits import SHIFT, set_bit
from store.repair.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

    Nodes = dict[tuple[int, int, bytes], bytes]

TITLE = "the bitmap"


def find(database: Database) -> Iterator[Problem]:
    """Nodes that are not what the leases make of them."""
    expected = _of_leases(database)
    stored: Nodes = {
        (family, level, index): bits
        for family, level, index, bits in database.rows("SELECT family, level, idx, bits FROM node")
    }
    for key in sorted(expected.keys() | stored.keys()):
        if expected.get(key) != stored.get(key):
            yield _problem(*key)


def mend(database: Database) -> None:
    """Writes all nodes anew from the leases."""
    database.run("DELETE FROM node")
    database.run_many(
        "INSERT INTO node (family, level, idx, bits) VALUES (?, ?, ?, ?)",
        [(*key, bits) for key, bits in _of_leases(database).items()],
    )


def _problem(family: int, level: int, index: bytes) -> Problem:
    first = int.from_bytes(index, "big") << SHIFT * (level + 1)
    place = f"from {address_text(family, first)} on" if first >> 128 == 0 else "nowhere"
    message = (
        f"the bitmap of IPv{family} does not agree with the leases {place} (node "
        f"{level}/{int.from_bytes(index, 'big'):x})"
    )
    return Problem("bitmap", message)


def _of_leases(database: Database) -> Nodes:
    nodes: dict[tuple[int, int, int], int] = {}
    for family in (4, 6):

        def read(level: int, index: int, family: int = family) -> int:
            return nodes.get((family, level, index), 0)

        for row in database.rows("SELECT address FROM lease WHERE family = ?", (family,)):
            for level, index, bits in set_bit(read, address_from_bytes(row[0])[1]):
                nodes[family, level, index] = bits
    return {
        (family, level, index_bytes(index)): bits_bytes(bits)
        for (family, level, index), bits in nodes.items()
    }
