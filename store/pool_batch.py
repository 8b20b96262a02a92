"""The pools of one `write`: compared with what is stored, checked, and written together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_bytes
from model.intervals import size
from store import open_ranges
from store.bitmap import Bitmap
from store.decision_rows import retire_rule_texts
from store.lease_changes import Changes
from store.lease_rows import RESTING_WITHIN, find
from store.pool_anchors import refile
from store.pool_conflicts import (
    addresses_in_use,
    batch_overlaps,
    immutable_fields,
    removed_ranges,
    stored_overlaps,
    subnet_overlaps,
)
from store.pool_records import APPLIED_COLUMNS
from store.ranges import pack
from store.reserved import claimable_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.intervals import Intervals
    from model.pools import Conflict
    from store.database import Database, Row
    from store.pool_records import AppliedPool

STORED = (
    "SELECT content, family, subnet_first, prefix_bits, ranges, rule_digest, weight, created_at, "
    "terminating, sort, alternatives, anchored FROM pool WHERE name = ?"
)
_PLACES = ", ".join("?" * (APPLIED_COLUMNS.count(",") + 10))
_WRITE_POOL = (
    f"INSERT OR REPLACE INTO pool ({APPLIED_COLUMNS}, claimable, claimable_total, content, weight, "
    f"revision, created_at, sort, alternatives, anchored) VALUES ({_PLACES})"
)
_MODULUS = 1 << 256


class Stored:
    """What a write needs to know of the stored version of a pool."""

    __slots__ = (
        "anchored",
        "anchors",
        "content",
        "created_at",
        "family",
        "ranges",
        "rule_digest",
        "subnet",
        "terminating",
        "weight",
    )

    def __init__(self, row: Row) -> None:
        self.content: str = row[0]
        self.family: int = row[1]
        self.subnet: tuple[bytes, int] = (row[2], row[3])
        self.ranges: str = row[4]
        self.rule_digest: str = row[5]
        self.weight: bytes = row[6]
        self.created_at: int = row[7]
        self.terminating = bool(row[8])
        self.anchors: tuple[bytes, str] = (row[9], row[10])
        self.anchored: int | None = row[11]

    def holds(self, applied: AppliedPool) -> bool:
        """Whether there is nothing to write: not even anchors that a newer program compiled."""
        return self.content == applied.content and self.anchors == applied.anchors


class Change:
    """One pool of the batch that is new or differs from what is stored.

    `removed` are the addresses that leave it; `new_ranges` its ranges if they are to be written;
    `claimable` its ranges without what is reserved, once `PoolBatch.write` knows. `refiled` says
    whether its anchor rows are to be written anew; they are where they were else.
    """

    __slots__ = (
        "applied",
        "claimable",
        "family",
        "name",
        "new_ranges",
        "refiled",
        "removed",
        "stored",
        "subnet",
    )

    def __init__(self, applied: AppliedPool, stored: Stored | None) -> None:
        record = applied.record
        self.applied = applied
        self.claimable: Intervals = ()
        self.stored = stored
        self.name = record.name
        self.family = record.serving.rules.family
        self.subnet = (
            address_bytes(self.family, record.serving.subnet_first),
            record.serving.prefix_bits,
        )
        same = stored is not None and stored.ranges == pack(record.ranges)
        self.new_ranges: Intervals = () if same else record.ranges
        self.removed: Intervals = (
            removed_ranges(stored.ranges, record.ranges) if stored and not same else ()
        )
        self.refiled = not (
            stored
            and stored.anchors == applied.anchors
            and (stored.anchored is not None) == applied.is_filed
        )

    @property
    def subnet_key(self) -> tuple[int, int, int]:
        """Family, network address, prefix length."""
        return self.family, self.applied.record.serving.subnet_first, self.subnet[1]

    @property
    def moves_ranges(self) -> bool:
        """Whether the rows of `pool_range` are to be written anew."""
        return bool(self.new_ranges or self.removed)


class PoolBatch:
    """The pools of one write, inside its transaction."""

    __slots__ = ("_changes", "_database", "_unchanged")

    def __init__(self, database: Database, pools: Sequence[AppliedPool]) -> None:
        self._database = database
        self._changes: list[Change] = []
        self._unchanged: list[AppliedPool] = []
        for applied in pools:
            row = database.row(STORED, (applied.record.name,))
            stored = Stored(row) if row else None
            if stored and stored.holds(applied):
                self._unchanged.append(applied)
            else:
                self._changes.append(Change(applied, stored))

    def conflicts(self) -> list[Conflict]:
        """All that forbids writing this batch, pool by pool in its order.

        Takes the stored ranges of changed pools away first: what one of them gives up, another
        may have. The caller undoes that where it writes nothing.
        """
        changes = self._changes
        found = [conflict for change in changes for conflict in immutable_fields(change)]
        for change in changes:
            found.extend(addresses_in_use(self._database, change))
        moving = [change for change in changes if change.moves_ranges]
        self._database.run_many(
            "DELETE FROM pool_range WHERE pool = ?", [(change.name,) for change in moving]
        )
        for change in moving:
            found.extend(stored_overlaps(self._database, change))
        found.extend(batch_overlaps(moving))
        found.extend(subnet_overlaps(self._database, changes))
        places = {change.name: place for place, change in enumerate(changes)}
        return sorted(found, key=lambda conflict: places[conflict.pool])

    def write(self, revision: int, now_seconds: int) -> None:
        """Writes what changed, after `conflicts` found none."""
        self._subtract_reserved()
        self._write_ranges()
        self._drop_resting(now_seconds)
        self._write_texts()
        anchored = refile(self._database, self._changes)
        self._database.run_many(
            _WRITE_POOL,
            [
                (*self._row(change, revision, now_seconds), *change.applied.anchors, place)
                for change, place in zip(self._changes, anchored, strict=True)
            ],
        )
        self._database.run_many(
            "INSERT OR IGNORE INTO pool_usage (pool) VALUES (?)",
            [(change.name,) for change in self._changes if not change.stored],
        )
        self._write_claimable()
        if self._changes:
            self._write_digest()
        stale = [change.stored.rule_digest for change in self._changes if change.stored]
        retire_rule_texts(self._database, stale)

    def _row(self, change: Change, revision: int, now_seconds: int) -> tuple[object, ...]:
        applied, stored = change.applied, change.stored
        created = stored.created_at if stored else applied.record.created_at_seconds
        return (
            *applied.values,
            pack(change.claimable),
            str(size(change.claimable)),
            applied.content,
            applied.weight,
            revision,
            created or now_seconds,
        )

    def _subtract_reserved(self) -> None:
        for change in self._changes:
            ranges = change.applied.record.ranges
            change.claimable = claimable_of(self._database, change.family, ranges)

    def _write_claimable(self) -> None:
        bitmaps = {family: Bitmap(self._database, family) for family in (4, 6)}
        for change in self._changes:
            if change.moves_ranges:
                bitmap = bitmaps[change.family]
                open_ranges.replace(self._database, bitmap, change.name, change.claimable)

    def _write_ranges(self) -> None:
        self._database.run_many(
            "INSERT INTO pool_range VALUES (?, ?, ?, ?)",
            [
                (
                    change.family,
                    address_bytes(change.family, first),
                    address_bytes(change.family, last),
                    change.name,
                )
                for change in self._changes
                for first, last in change.new_ranges
            ],
        )

    def _drop_resting(self, now_seconds: int) -> None:
        """Addresses that leave a pool rest no longer: they may belong to another one now."""
        changes = Changes(self._database, now_seconds)
        for change in self._changes:
            for first, last in change.removed:
                low = address_bytes(change.family, first)
                high = address_bytes(change.family, last)
                for held in find(self._database, RESTING_WITHIN, (change.family, low, high)):
                    changes.free(held)
        changes.flush()

    def _write_texts(self) -> None:
        self._database.run_many(
            "INSERT OR REPLACE INTO rule_text (digest, language, text, spans) VALUES (?, ?, ?, ?)",
            [change.applied.rule_row for change in self._changes],
        )
        self._database.run_many(  # the same pool at another line of its file
            "UPDATE rule_text SET spans = ?1 WHERE digest = ?2 AND spans <> ?1",
            [(applied.spans, applied.rule_digest) for applied in self._unchanged],
        )

    def _write_digest(self) -> None:
        before = [change.stored.weight for change in self._changes if change.stored]
        add_weights(self._database, [change.applied.weight for change in self._changes], before)


def add_weights(database: Database, added: Sequence[bytes], removed: Sequence[bytes]) -> None:
    """Changes the digest of all rules by the summands of some pools."""
    row = database.row("SELECT value FROM meta WHERE key = 'rules_digest'")
    total = int(row[0], 16) if row else 0
    total += sum(int.from_bytes(weight, "big") for weight in added)
    total -= sum(int.from_bytes(weight, "big") for weight in removed)
    database.run(
        "UPDATE meta SET value = ? WHERE key = 'rules_digest'", (f"{total % _MODULUS:064x}",)
    )
