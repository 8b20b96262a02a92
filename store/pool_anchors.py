"""Anchor rows: under what the default pools of a write are filed, and which rows that takes.

    pool.alternatives   every requirement the pool could be filed under, as policy compiled them
    pool.anchored       the place of the one that it is filed under; NULL where it is not filed
    anchor              one row for each of its values: (family, subject, key, value, sort, pool)

Only pools that may serve as a cluster's default are filed. Which requirement is the rarest is
counted when a pool is written, and is not revised when others come: it decides how many rows a
look-up walks, never what it finds. Authoring time.
"""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from model.pools import Anchor
    from store.database import Database
    from store.pool_batch import Change

    Alternatives = Sequence[Sequence[Anchor]]
    AnchorRow = tuple[int, str, str, str, bytes, str]

# Beyond this many, postings count as equally long: a bound on what counting costs.
MOST_COUNTED = 1024
COUNT = (
    "SELECT 1 FROM anchor WHERE family = ? AND subject = ? AND key = ? AND value = ? "
    f"LIMIT {MOST_COUNTED}"
)
ADD = (
    "INSERT OR REPLACE INTO anchor (family, subject, key, value, sort, pool) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
REMOVE = (
    "DELETE FROM anchor WHERE family = ? AND subject = ? AND key = ? AND value = ? AND sort = ? "
    "AND pool = ?"
)


def read_alternatives(text: str) -> tuple[tuple[Anchor, ...], ...]:
    """The alternatives from the JSON of `pool.alternatives`."""
    return tuple(
        tuple((subject, key, value) for subject, key, value in anchors) for anchors in loads(text)
    )


def rows_of(
    family: int, name: str, sort: bytes, alternatives: Alternatives, anchored: int | None
) -> list[AnchorRow]:
    """The anchor rows of a pool that is filed under the alternative at place `anchored`.

    None where it is not filed.
    """
    if anchored is None:
        return []
    return [(family, *anchor, sort, name) for anchor in dict.fromkeys(alternatives[anchored])]


def refile(database: Database, changes: Sequence[Change]) -> list[int | None]:
    """Writes the anchor rows of changed pools; where each of them is filed now, None for nowhere.

    Before the pools themselves are written. A pool that need not move is left where it is.
    """
    moving = [change for change in changes if change.refiled]
    database.run_many(REMOVE, [row for change in moving for row in _stored_rows(change)])
    filed = [
        (change.family, change.applied.record.alternatives)
        for change in moving
        if change.applied.is_filed
    ]
    rarest = RarestAlternative(database, filed)
    places = [_place(rarest, change) for change in changes]
    database.run_many(
        ADD,
        [
            row
            for change, place in zip(changes, places, strict=True)
            if change.refiled
            for row in _rows(change, place)
        ],
    )
    return places


def _place(rarest: RarestAlternative, change: Change) -> int | None:
    if not change.applied.is_filed:
        return None
    if change.refiled or change.stored is None:
        return rarest.place(change.family, change.applied.record.alternatives)
    return change.stored.anchored


def _rows(change: Change, place: int | None) -> list[AnchorRow]:
    record = change.applied.record
    return rows_of(change.family, change.name, record.sort, record.alternatives, place)


def _stored_rows(change: Change) -> list[AnchorRow]:
    stored = change.stored
    if stored is None:
        return []
    return stored_rows(stored.family, change.name, *stored.anchors, stored.anchored)


def stored_rows(
    family: int, name: str, sort: bytes, alternatives: str, anchored: int | None
) -> list[AnchorRow]:
    """The anchor rows of a stored pool, by the columns of its row."""
    if anchored is None:
        return []
    return rows_of(family, name, sort, read_alternatives(alternatives), anchored)


class RarestAlternative:
    """Picks where each of many pools is filed: where the longest posting is the shortest.

    Counts what is stored and what the pools at hand could add, so that the first of a large batch
    knows about the last. The cost grows with the number of anchors they name, and with no more.
    """

    __slots__ = ("_counts", "_database", "_named")

    def __init__(self, database: Database, pools: Iterable[tuple[int, Alternatives]]) -> None:
        """`pools` are the families and alternatives of all that are to be filed."""
        self._database = database
        self._counts: dict[tuple[int, Anchor], int] = {}
        self._named: dict[tuple[int, Anchor], int] = {}
        for family, anchor in _named_anchors(pools):
            self._named[family, anchor] = self._named.get((family, anchor), 0) + 1

    def place(self, family: int, alternatives: Alternatives) -> int | None:
        """The place of the rarest alternative, of equals the first; None where there are none."""
        if len(alternatives) < 2:
            return 0 if alternatives else None
        lengths = [
            max((self._count(family, anchor) for anchor in anchors), default=0)
            for anchors in alternatives
        ]
        return lengths.index(min(lengths))

    def _count(self, family: int, anchor: Anchor) -> int:
        key = (family, anchor)
        if key not in self._counts:
            stored = len(self._database.rows(COUNT, (family, *anchor)))
            self._counts[key] = stored + self._named.get(key, 0)
        return self._counts[key]


def _named_anchors(pools: Iterable[tuple[int, Alternatives]]) -> Iterator[tuple[int, Anchor]]:
    for family, alternatives in pools:
        if len(alternatives) > 1:
            for anchors in alternatives:
                for anchor in anchors:
                    yield family, anchor
