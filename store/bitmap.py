"""The bitmap of taken addresses, one a family over all pools, kept in the table `node`.

Writes gather in memory until `flush`, so that an operation on many neighbours writes each node
once. An object lives for one operation inside one transaction.
"""

from __future__ import annotations

from store.bits import clear_bit, set_bit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.bits import Write
    from store.database import Database


class Bitmap:
    """The addresses of one family that some lease holds, in any state."""

    __slots__ = ("_changed", "_database", "_known", "family")

    def __init__(self, database: Database, family: int) -> None:
        self._database = database
        self.family = family
        self._known: dict[tuple[int, int], int] = {}
        self._changed: set[tuple[int, int]] = set()

    def read(self, level: int, index: int) -> int:
        """The bits of one node, as this operation left them; 0 where there is none."""
        key = (level, index)
        bits = self._known.get(key)
        if bits is None:
            row = self._database.row(
                "SELECT bits FROM node WHERE family = ? AND level = ? AND idx = ?",
                (self.family, level, index_bytes(index)),
            )
            bits = self._known[key] = int.from_bytes(row[0], "little") if row else 0
        return bits

    def take(self, number: int) -> None:
        """Marks an address as taken; a no-op if it was."""
        self._write(set_bit(self.read, number))

    def free(self, number: int) -> None:
        """Marks an address as free; a no-op if it was."""
        self._write(clear_bit(self.read, number))

    def _write(self, writes: list[Write]) -> None:
        for level, index, bits in writes:
            self._known[level, index] = bits
            self._changed.add((level, index))

    def flush(self) -> None:
        """Writes what changed to the database."""
        for level, index in self._changed:
            bits = self._known[level, index]
            if bits:
                self._database.run(
                    "INSERT OR REPLACE INTO node (family, level, idx, bits) VALUES (?, ?, ?, ?)",
                    (self.family, level, index_bytes(index), bits_bytes(bits)),
                )
            else:
                self._database.run(
                    "DELETE FROM node WHERE family = ? AND level = ? AND idx = ?",
                    (self.family, level, index_bytes(index)),
                )
        self._changed.clear()


def index_bytes(index: int) -> bytes:
    """The key of a node: big-endian without leading zeros, as it may pass 2**63."""
    return index.to_bytes((index.bit_length() + 7) // 8, "big")


def bits_bytes(bits: int) -> bytes:
    """The bits of a node: little-endian without trailing zeros, so that few cost little."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
