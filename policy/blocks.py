"""A long posting: many pools filed under one anchor, in rank order, skipped in bulk.

    Dense   [ block ][ block ][ block ]      each at most `BLOCK` pools, best first
    block   entries in order, and bits by place that their checks look at:

            place             absent    "cache"   any other value
            pod.label tier    0000      0110      0000               bits of the pools that fail
            pod.label app     1111      1011      1111

A Pod fails all pools of a block in one `or` a place; only those left over are verified. So a bit
may be missing, but one that is set is right: that pool has a known check that fails. A change
touches one block, whose bits are made anew by the next Pod that looks at it (or by `prepare`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from model.pools import ServingPool
    from model.rules import Check
    from policy.standing import Known

# sort key, checks, pool
Entry = tuple[bytes, "Sequence[Check]", "ServingPool"]
# key, pools that fail where the place is absent, by value, for any other value
Row = tuple[str, int, "dict[str, int]", int]
# by subject: rows that may fail a pool where the key is absent, and the others by key
Rows = list[tuple[str, "list[Row]", "dict[str, Row]"]]

BLOCK = 512
_MOST_VALUES = 64  # a longer list of values gets no bits: they would cost more than a check does


class Block:
    """Up to `BLOCK` entries in order, and their bits.

    Invariant: `rows` is None or made of exactly these entries.
    """

    __slots__ = ("entries", "rows")

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.rows: Rows | None = None

    def prepare(self) -> Rows:
        """The rows, made if they are not there."""
        if self.rows is None:
            self.rows = _rows(self.entries)
        return self.rows

    def left(self, known: Known) -> int:
        """The pools that no row fails, one bit each, the best pool's the lowest."""
        failed = done = 0
        for subject, needed, others in self.prepare():
            values = known[subject]
            if values is None:
                continue
            for key, missing, by_value, otherwise in needed:
                value = values.get(key)
                failed |= missing if value is None else by_value.get(value, otherwise)
            met = values.keys() & others.keys() if others else ()
            for key in met:
                _, _, by_value, otherwise = others[key]
                failed |= by_value.get(values[key], otherwise)
            done += len(needed) + len(met)
        known.checks_done += done
        return ~failed & ((1 << len(self.entries)) - 1)


class Dense:
    """Entries in order, in blocks. Adding and removing cost the same however many there are.

    Invariant: no block is empty, none longer than `most`; their concatenation is in order.
    """

    __slots__ = ("_blocks", "_most", "_size")

    def __init__(self, entries: list[Entry], most: int = BLOCK) -> None:
        """`entries` must be in order; `most` is at least 2."""
        self._most = most
        self._blocks = [
            Block(entries[start : start + most // 2]) for start in range(0, len(entries), most // 2)
        ]
        self._size = len(entries)

    def __len__(self) -> int:
        return self._size

    @property
    def is_one_block(self) -> bool:
        """Whether a single block holds all."""
        return len(self._blocks) == 1

    def add(self, entry: Entry) -> None:
        """File an entry whose sort key is not there yet."""
        self._size += 1
        if not self._blocks:
            self._blocks = [Block([entry])]
            return
        place = self._place(entry[0])
        entries = self._blocks[place].entries
        entries.insert(bisect_left(entries, entry[0], key=_key), entry)
        self._blocks[place].rows = None
        if len(entries) > self._most:
            half = len(entries) // 2
            self._blocks[place : place + 1] = [Block(entries[:half]), Block(entries[half:])]

    def remove(self, key: bytes) -> None:
        """Remove the entry of a sort key, which must be there."""
        self._size -= 1
        place = self._place(key)
        entries = self._blocks[place].entries
        del entries[bisect_left(entries, key, key=_key)]
        self._blocks[place].rows = None
        if not entries:
            del self._blocks[place]

    def prepare(self) -> None:
        """Make the bits of all blocks now, so that no later lookup does."""
        for block in self._blocks:
            block.prepare()

    def left(self, known: Known, after: bytes) -> Iterator[Entry]:
        """The entries behind the sort key `after` that are worth verifying, lazily, in order."""
        first = self._place(after) if self._blocks else 0
        for block in self._blocks[first:]:
            bits = block.left(known)
            if after:
                bits = bits >> (skip := bisect_right(block.entries, after, key=_key)) << skip
            while bits:
                lowest = bits & -bits
                yield block.entries[lowest.bit_length() - 1]
                bits ^= lowest

    def _place(self, key: bytes) -> int:
        """The block where the sort key is or belongs."""
        return max(bisect_right(self._blocks, key, key=_first_key) - 1, 0)


def _key(entry: Entry) -> bytes:
    return entry[0]


def _first_key(block: Block) -> bytes:
    return block.entries[0][0]


class _Place:
    """The bits of one subject and key while they are collected."""

    __slots__ = ("absent", "allowed", "barred", "positive", "present")

    def __init__(self) -> None:
        self.positive = self.present = self.absent = 0
        self.allowed: dict[str, int] = {}
        self.barred: dict[str, int] = {}

    def row(self, key: str) -> Row:
        otherwise = self.positive | self.absent
        by_value = {
            value: self.positive & ~self.allowed.get(value, 0)
            | self.barred.get(value, 0)
            | self.absent
            for value in self.allowed.keys() | self.barred.keys()
        }
        return key, self.positive | self.present, by_value, otherwise


def _rows(entries: list[Entry]) -> Rows:
    places: dict[tuple[str, str], _Place] = {}
    for position, (_, checks, _) in enumerate(entries):
        for (subject, key), listed in _by_place(checks).items():
            place = places.get((subject, key))
            if place is None:
                place = places[subject, key] = _Place()
            _mark(place, 1 << position, listed)
    rows: dict[str, tuple[list[Row], dict[str, Row]]] = {}
    for (subject, key), place in places.items():
        needed, others = rows.setdefault(subject, ([], {}))
        row = place.row(key)
        if row[1]:
            needed.append(row)
        else:
            others[key] = row
    return [(subject, needed, others) for subject, (needed, others) in rows.items()]


def _by_place(checks: Sequence[Check]) -> dict[tuple[str, str], list[Check]]:
    found: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        if check[1] != "ip.family":  # a posting is of one family
            found.setdefault((check[1], check[2]), []).append(check)
    return found


def _mark(place: _Place, bit: int, checks: list[Check]) -> None:
    """Set the bit of one pool, by its checks of one place."""
    allowed: set[str] | None = None
    for _, _, _, operator, values in checks:
        if operator == "absent":
            place.absent |= bit
        elif operator == "not in":
            if len(values) <= _MOST_VALUES:
                for value in values:
                    place.barred[value] = place.barred.get(value, 0) | bit
        else:
            place.present |= bit
            if operator in ("=", "in") and len(values) <= _MOST_VALUES:
                allowed = set(values) if allowed is None else allowed & set(values)
    if allowed is not None:
        place.positive |= bit
        for value in allowed:
            place.allowed[value] = place.allowed.get(value, 0) | bit
