"""The Protocol `PoolWriter` on objects.

Records are written one by one, each if it is as it was read. What a transaction would hold off,
claims that are under way, is undone instead: a claim reads pools and reserved addresses after its
own object is there, and the writer looks for binding claims after it has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from model.errors import StoreBusyError
from model.intervals import contains, subtract
from model.leases import RESTING, Lease
from model.pools import Conflict, ObjectRecord, PoolRecord
from store.object_rows import AppliedObject
from store.pool_conflicts import MOST_HOLDERS, holder_text
from store.pool_records import AppliedPool
from tests.objects.api import Object
from tests.objects.claims import BINDING, leases_of, standing
from tests.objects.codec import record_of
from tests.objects.ledger import Ledger
from tests.objects.names import APPLIED, POOL, applied_name
from tests.objects.operations import Operations
from tests.objects.pools import digest_of
from tests.objects.world import RESERVED_KIND, lease_order


class ObjectPoolWriter:
    """Writes pools and objects."""

    def __init__(self, ledger: Ledger, rest_seconds: int) -> None:
        self._ledger = ledger
        self._client = ledger.client
        self._rest_seconds = rest_seconds

    def write(
        self,
        pools: Sequence[PoolRecord],
        objects: Sequence[ObjectRecord],
        if_revision: Mapping[str, str],
        now_seconds: int,
        *,
        dry_run: bool = False,
    ) -> list[Conflict]:
        """Writes all, or nothing where a conflict is there before it begins."""
        stored = {pool.name: self._client.get(POOL, pool.name) for pool in pools}
        found = self._revision_conflicts(if_revision)
        for pool in pools:
            found += _draining(pool, stored[pool.name]) or self._in_use(pool, stored[pool.name])
        if found or dry_run:
            return found
        for one in objects:
            self._write_object(one, now_seconds)
        for pool in pools:
            self._write_pool(pool, stored[pool.name], now_seconds)
        if pools or any(one.kind == RESERVED_KIND for one in objects):
            self._undo_binding_claims()
        for pool in pools:
            found += self._in_use(pool, stored[pool.name])
        if found:
            self._write_back(stored)
            return found
        for pool in pools:
            self._end_rest(stored[pool.name], pool, now_seconds)
        return []

    def delete_pool(self, name: str, if_revision: str, now_seconds: int = 0) -> list[Conflict]:
        """Deletes a pool: first nothing is claimed from it any more, then it goes."""
        stored = self._client.get(POOL, name)
        if stored is None:
            return []
        pool: PoolRecord = record_of(stored.text)
        if if_revision and pool.revision != if_revision:
            return [Conflict(name, "revision", family=pool.serving.rules.family)]
        empty = pool.replace(ranges=())
        found = self._in_use(empty, stored)
        if found:
            return found
        closed = self._client.put(POOL, name, stored, empty)
        if closed is None:
            return [Conflict(name, "revision", family=pool.serving.rules.family)]
        self._undo_binding_claims()
        found = self._in_use(empty, stored)
        if found:
            self._client.put(POOL, name, closed, pool)
            return found
        self._end_rest(stored, empty, now_seconds)
        self._client.delete(closed)
        return []

    def delete_object(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there was such an object; it is gone now, and what it reserved is free."""
        stored = self._client.get(APPLIED, applied_name(kind, namespace, name))
        return stored is not None and self._client.delete(stored)

    def _write_object(self, one: ObjectRecord, now_seconds: int) -> None:
        name = applied_name(one.kind, one.namespace, one.name)
        stored = self._client.get(APPLIED, name)
        if stored and AppliedObject(record_of(stored.text)).content == AppliedObject(one).content:
            return
        revision = self._client.new_name()
        seen_at = one.seen_at_seconds or now_seconds
        self._put(APPLIED, name, stored, one.replace(revision=revision, seen_at_seconds=seen_at))

    def _write_pool(self, pool: PoolRecord, stored: Object | None, now_seconds: int) -> None:
        before: PoolRecord | None = record_of(stored.text) if stored else None
        created = before.created_at_seconds if before else pool.created_at_seconds or now_seconds
        revision = self._client.new_name()
        if before and AppliedPool(before).content == AppliedPool(pool).content:
            if before.serving.rules.spans == pool.serving.rules.spans:
                return
            revision = before.revision
        after = pool.replace(revision=revision, created_at_seconds=created)
        self._put(POOL, pool.name, stored, after)

    def _put(self, kind: str, name: str, stored: Object | None, value: object) -> None:
        if self._client.put(kind, name, stored, value) is None:
            raise StoreBusyError(f"somebody else is writing `{name}`", "try again")

    def _write_back(self, stored: Mapping[str, Object | None]) -> None:
        """Lets pools be as they were: a claim came between the first look and the write."""
        for name, before in stored.items():
            now = self._client.get(POOL, name)
            if now and before:
                self._client.put(POOL, name, now, record_of(before.text))
            elif now:
                self._client.delete(now)

    def _undo_binding_claims(self) -> None:
        for name, claim in self._ledger.all().items():
            if claim.state == BINDING:
                self._ledger.abort(name)

    def _end_rest(self, stored: Object | None, pool: PoolRecord, now_seconds: int) -> None:
        """Addresses that leave a pool rest no longer: they may belong to another one now."""
        if stored is None:
            return
        removed = subtract(record_of(stored.text).ranges, pool.ranges)
        acting = Operations(self._ledger, digest_of, now_seconds, self._rest_seconds)
        acting.end_rest(lambda lease: lease.pool == pool.name and contains(removed, lease.address))

    def _revision_conflicts(self, if_revision: Mapping[str, str]) -> list[Conflict]:
        return [
            Conflict(key.removeprefix(f"{POOL}/"), "revision")
            for key, expected in if_revision.items()
            if self._stored_revision(key) != expected
        ]

    def _stored_revision(self, key: str) -> str:
        kind, _, place = key.partition("/")
        namespace, _, name = place.rpartition("/")
        if kind == POOL:
            stored = self._client.get(POOL, name)
        else:
            stored = self._client.get(APPLIED, applied_name(kind, namespace, name))
        return str(record_of(stored.text).revision) if stored else ""

    def _in_use(self, pool: PoolRecord, stored: Object | None) -> list[Conflict]:
        """The holders of addresses that would leave a pool, up to `MOST_HOLDERS`."""
        if stored is None:
            return []
        removed = subtract(record_of(stored.text).ranges, pool.ranges)
        held = sorted(
            (
                lease
                for lease in self._leases()
                if lease.pool == pool.name and lease.state != RESTING
                if contains(removed, lease.address)
            ),
            key=lease_order,
        )
        return [
            Conflict(
                pool.name,
                "address-in-use",
                holder_text(lease),
                lease.family,
                lease.address,
                lease.address,
            )
            for lease in held[:MOST_HOLDERS]
        ]

    def _leases(self) -> Iterator[Lease]:
        return (lease for _, lease in leases_of(standing(self._ledger.all())))


def _draining(pool: PoolRecord, stored: Object | None) -> list[Conflict]:
    """There is no way back from draining."""
    before: PoolRecord | None = record_of(stored.text) if stored else None
    if before and before.serving.rules.terminating and not pool.serving.rules.terminating:
        return [Conflict(pool.name, "terminating", family=pool.serving.rules.family)]
    return []
