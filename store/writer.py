"""The Protocol `PoolWriter` on SQLite: pools and objects in, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.pools import Conflict
from store.decision_rows import retire_rule_texts
from store.lease_changes import Changes
from store.lease_rows import HELD_IN_POOL, RESTING_IN_POOL, find
from store.object_rows import AppliedObject, write_objects
from store.pool_anchors import REMOVE, stored_rows
from store.pool_batch import PoolBatch, add_weights
from store.pool_conflicts import MOST_HOLDERS, holder_text
from store.pool_records import AppliedPool
from store.reserved import KIND as RESERVED_KIND
from store.reserved import refresh_reserved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.pools import ObjectRecord, PoolRecord
    from store.database import Database, Row

POOL_KIND = "SpiderIPPool"
OBJECT_CONTENT = "SELECT content FROM object WHERE kind = ? AND namespace = ? AND name = ?"


class StoredPoolWriter:
    """Writes pools and objects. Everything is prepared before the lock is taken."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self,
        pools: Sequence[PoolRecord],
        objects: Sequence[ObjectRecord],
        if_revision: Mapping[str, str],
        now_seconds: int,
        *,
        dry_run: bool = False,
    ) -> list[Conflict]:
        """Writes all, giving nothing back; or nothing, giving every conflict there is.

        `if_revision` maps `SpiderIPPool/NAME`, `KIND/NAME` or `KIND/NAMESPACE/NAME` to the
        revision that must be there, empty for none; what it does not name is written as it is.
        A pool or object equal to the stored one is not written and keeps its revision. Addresses
        may move between pools of one write. StoreBusyError and StoreError write nothing, and so
        does `dry_run`, which finds the same conflicts.
        """
        applied = [AppliedPool(pool) for pool in pools]
        others = [AppliedObject(one) for one in objects]
        with self._database.transaction() as transaction:
            batch = PoolBatch(self._database, applied)
            found = _revision_conflicts(self._database, if_revision) + batch.conflicts()
            if found or dry_run:
                transaction.abandon()
                return found
            self._write(batch, others, now_seconds)
        return []

    def compare(
        self, pools: Sequence[PoolRecord], objects: Sequence[ObjectRecord]
    ) -> dict[tuple[str, str, str], str]:
        """What writing these would do: `created`, `configured` or `unchanged`.

        Keyed by (kind, namespace or empty, name). Of this moment: another writer may come between.
        """
        with self._database.snapshot():
            results = {}
            for pool in pools:
                row = self._database.row("SELECT content FROM pool WHERE name = ?", (pool.name,))
                results[POOL_KIND, "", pool.name] = _result(row, AppliedPool(pool).content)
            for one in objects:
                key = (one.kind, one.namespace, one.name)
                row = self._database.row(OBJECT_CONTENT, key)
                results[key] = _result(row, AppliedObject(one).content)
            return results

    def _write(self, batch: PoolBatch, others: list[AppliedObject], now_seconds: int) -> None:
        """Under one new revision, which is spent only if anything differs."""
        connection = self._database.connection
        before, revision = connection.total_changes, _next_revision(self._database)
        if write_objects(self._database, others, revision, now_seconds):
            refresh_reserved(self._database)
        batch.write(revision, now_seconds)
        if connection.total_changes > before:
            self._database.run("UPDATE meta SET value = ? WHERE key = 'revision'", (str(revision),))

    def delete_pool(self, name: str, if_revision: str, now_seconds: int = 0) -> list[Conflict]:
        """Deletes a pool, giving nothing back; or says who holds addresses of it, up to ten.

        Resting leases go with it. `if_revision` empty: any. A pool that does not exist is a
        no-op. `now_seconds` is for the journal; 0 stands for the time of its newest row.
        """
        with self._database.transaction():
            row = self._database.row(
                "SELECT revision, family, rule_digest, weight, sort, alternatives, anchored "
                "FROM pool WHERE name = ?",
                (name,),
            )
            if row is None:
                return []
            found = self._delete_conflicts(name, if_revision, row)
            if not found:
                self._delete(name, row, now_seconds or self._newest_time())
            return found

    def delete_object(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there was such an object; it is gone now, and what it reserved is free."""
        with self._database.transaction():
            cursor = self._database.run(
                "DELETE FROM object WHERE kind = ? AND namespace = ? AND name = ?",
                (kind, namespace, name),
            )
            if cursor.rowcount and kind == RESERVED_KIND:
                refresh_reserved(self._database)
            return cursor.rowcount > 0

    def _delete_conflicts(self, name: str, if_revision: str, row: Row) -> list[Conflict]:
        if if_revision and if_revision != str(row[0]):
            return [Conflict(name, "revision", family=row[1])]
        held = find(self._database, HELD_IN_POOL, (name, MOST_HOLDERS))
        return [
            Conflict(
                name,
                "address-in-use",
                holder_text(one.lease),
                one.lease.family,
                one.lease.address,
                one.lease.address,
            )
            for one in held
        ]

    def _delete(self, name: str, row: Row, now_seconds: int) -> None:
        changes = Changes(self._database, now_seconds)
        for held in find(self._database, RESTING_IN_POOL, (name,)):
            changes.free(held)
        changes.flush()
        self._database.run("DELETE FROM pool WHERE name = ?", (name,))
        self._database.run("DELETE FROM pool_range WHERE pool = ?", (name,))
        self._database.run("DELETE FROM claimable_range WHERE pool = ?", (name,))
        self._database.run("DELETE FROM pool_usage WHERE pool = ?", (name,))
        self._database.run_many(REMOVE, stored_rows(row[1], name, *row[4:]))
        retire_rule_texts(self._database, [row[2]])
        add_weights(self._database, [], [row[3]])

    def _newest_time(self) -> int:
        row = self._database.row("SELECT at FROM journal ORDER BY id DESC LIMIT 1")
        return int(row[0]) if row else 0


def _result(row: Row | None, content: str) -> str:
    if row is None:
        return "created"
    return "unchanged" if row[0] == content else "configured"


def _revision_conflicts(database: Database, if_revision: Mapping[str, str]) -> list[Conflict]:
    return [
        Conflict(key.removeprefix(f"{POOL_KIND}/"), "revision")
        for key, expected in if_revision.items()
        if _stored_revision(database, key) != expected
    ]


def _stored_revision(database: Database, key: str) -> str:
    """The revision of the pool or object that a key names, empty if there is none."""
    kind, _, place = key.partition("/")
    namespace, _, name = place.rpartition("/")
    if kind == POOL_KIND:
        row = database.row("SELECT revision FROM pool WHERE name = ?", (name,))
    else:
        row = database.row(
            "SELECT revision FROM object WHERE kind = ? AND namespace = ? AND name = ?",
            (kind, namespace, name),
        )
    return str(row[0]) if row else ""


def _next_revision(database: Database) -> int:
    """A number that no record bore before."""
    row = database.row("SELECT value FROM meta WHERE key = 'revision'")
    return int(row[0]) + 1 if row else 1
