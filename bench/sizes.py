"""Pools of several sizes with several numbers of leases held, for us and for host-local."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.worlds import Manifest, fill, make_store, pod, pool
from model.addresses import address_text
from store.store import open_store


@dataclass(frozen=True)
class Size:
    """A subnet of which all addresses but the first and the last may be handed out."""

    name: str
    family: int
    first: int
    prefix_bits: int

    @property
    def subnet(self) -> str:
        """As CIDR text."""
        return f"{self.text(0)}/{self.prefix_bits}"

    @property
    def count(self) -> int:
        """How many addresses may be handed out."""
        return (1 << (self.width - self.prefix_bits)) - 2

    @property
    def width(self) -> int:
        """Bits of an address."""
        return 32 if self.family == 4 else 128

    def text(self, offset: int) -> str:
        """The address so far from the network address."""
        return address_text(self.family, self.first + offset)

    @property
    def manifest(self) -> Manifest:
        """The pool `p` of this size."""
        return pool("p", f"{self.text(1)}-{self.text(self.count)}", subnet=self.subnet)


TEN = 10 << 24
SIZES = (
    Size("/24", 4, TEN, 24),
    Size("/16", 4, TEN, 16),
    Size("/8", 4, TEN, 8),
    Size("IPv6 /64", 6, 0xFD << 120, 64),
)
HELD = (0, 10_000, 100_000, 1_000_000)
FEW = (0, 30)  # in their place with --quick


class Stores:
    """Stores with a pool `p` and a Pod that wants it, made when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, size: Size, held: int) -> Path:
        """The store with a pool of this size, its lowest `held` addresses taken."""
        db = self._folder / f"{size.width}-{size.prefix_bits}-{held}.db"
        if not db.exists():
            make_store(db, [size.manifest, pod("web", "p", size.family)])
            with open_store(str(db)) as store:
                fill(store, "p", held)
        return db


def worlds(held_counts: tuple[int, ...]) -> list[tuple[Size, int]]:
    """Every size with every number that it has room for."""
    return [(size, held) for held in held_counts for size in SIZES if held < size.count]


def world_name(size: Size, held: int) -> str:
    """`/16, 10,000 held`."""
    return f"{size.name}, {held:,} held"
