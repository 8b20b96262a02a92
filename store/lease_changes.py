"""Changes of leases, each with its journal row, its bit and its counts, in one transaction.

bind    (free)               -> bound
keep    bound                -> kept
rest    bound, kept          -> resting
rebind  bound, kept, resting -> bound
free    any                  -> (free)
"""

from __future__ import annotations

from model.addresses import address_bytes
from store import open_ranges
from store.bitmap import Bitmap
from store.lease_rows import COLUMNS, MORE_COLUMNS, answer_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.leases import Attachment, Holder, Lease
    from store.database import Database
    from store.lease_rows import Held

_PLACES = ", ".join("?" * 21)
_LATEST = (1 << 63) - 1


class Changes:
    """The changes that one operation makes; nothing counts until `flush`."""

    __slots__ = ("_bitmaps", "_claim", "_database", "_now_seconds", "_usage")

    def __init__(self, database: Database, now_seconds: int) -> None:
        self._database = database
        self._now_seconds = now_seconds
        self._claim = 0
        self._bitmaps: dict[int, Bitmap] = {}
        self._usage: dict[str, list[int]] = {}

    def bitmap(self, family: int) -> Bitmap:
        """The bitmap of a family, with the changes made so far."""
        if family not in self._bitmaps:
            self._bitmaps[family] = Bitmap(self._database, family)
        return self._bitmaps[family]

    def bind(self, lease: Lease, family_count: int, decision_id: int = 0) -> Lease:
        """Makes a lease of a free address; gives it back with its revision.

        All that one object binds is one claim, of `family_count` leases, by the decision of this id
        (0: of none that is kept).
        """
        revision = self._journal("claimed", lease, decision_id=decision_id)
        self._claim = self._claim or revision
        self._insert(lease, revision, self._claim, family_count, reserved=False)
        self._count(lease.pool, 1, 0, 0)
        return lease.replace(revision=str(revision))

    def rebind(self, held: Held, attachment: Attachment, holder: Holder) -> Lease:
        """Gives a lease in any state to a new attachment of its tenant."""
        lease = held.lease.replace(
            state="bound",
            attachment=attachment,
            holder=holder,
            changed_at_seconds=self._now_seconds,
            rests_until_seconds=0,
        )
        revision = self._journal("taken-over", lease)
        self._database.run(
            "UPDATE lease SET state = 'bound', node = ?, network = ?, container_id = ?, "
            "ifname = ?, pod_namespace = ?, pod_name = ?, pod_uid = ?, tenant = ?, "
            "changed_at = ?, rests_until = 0, revision = ? WHERE family = ? AND address = ?",
            (*_who(attachment, holder), self._now_seconds, revision, *_key(lease)),
        )
        if held.lease.state == "resting":
            self._count(lease.pool, 1, -1, held.reserved)
        return lease.replace(revision=str(revision))

    def keep(self, held: Held, reason: str = "") -> None:
        """Keeps a bound lease for its tenant, without end."""
        lease = held.lease
        revision = self._journal("kept", lease, reason)
        self._database.run(
            "UPDATE lease SET state = 'kept', changed_at = ?, revision = ? "
            "WHERE family = ? AND address = ?",
            (self._now_seconds, revision, *_key(lease)),
        )

    def rest(self, held: Held, seconds: int, reason: str = "") -> None:
        """Releases a bound or kept lease: for `seconds` nobody else's, at once free if 0.

        `reason` is for the journal; empty: the decision of the lease stands there again.
        """
        if seconds <= 0:
            self.free(held, "released", reason)
            return
        lease = held.lease
        revision = self._journal("released", lease, reason)
        self._database.run(
            "UPDATE lease SET state = 'resting', changed_at = ?, rests_until = ?, revision = ? "
            "WHERE family = ? AND address = ?",
            (
                self._now_seconds,
                min(self._now_seconds + seconds, _LATEST),
                revision,
                *_key(lease),
            ),
        )
        self._count(lease.pool, -1, 1, -held.reserved)

    def free(self, held: Held, event: str = "reclaimed", reason: str = "") -> None:
        """Removes a lease in any state; its address may be claimed by anybody."""
        lease = held.lease
        self._journal(event, lease, reason)
        self._database.run("DELETE FROM lease WHERE family = ? AND address = ?", _key(lease))
        self.bitmap(lease.family).free(lease.address)
        open_ranges.freed(self._database, lease.pool, lease.family, lease.address)
        if lease.state == "resting":
            self._count(lease.pool, 0, -1, 0)
        else:
            self._count(lease.pool, -1, 0, -held.reserved)

    def flush(self) -> None:
        """Writes bits and counts, which gathered until now."""
        for bitmap in self._bitmaps.values():
            bitmap.flush()
        for pool, (allocated, resting, reserved) in self._usage.items():
            self._database.run(
                "UPDATE pool_usage SET allocated = allocated + ?, resting = resting + ?, "
                "allocated_reserved = allocated_reserved + ? WHERE pool = ?",
                (allocated, resting, reserved, pool),
            )
        self._usage.clear()

    def _insert(
        self, lease: Lease, revision: int, claim: int, family_count: int, reserved: bool
    ) -> None:
        """Writes the row of a free address, and takes its bit."""
        self._database.run(
            f"INSERT INTO lease ({COLUMNS}, {MORE_COLUMNS}) VALUES ({_PLACES})",
            (
                *_key(lease),
                lease.pool,
                lease.state,
                *_who(lease.attachment, lease.holder),
                answer_text(lease.answer),
                lease.changed_at_seconds,
                lease.rests_until_seconds,
                lease.rules_digest,
                lease.decision,
                revision,
                claim,
                family_count,
                int(reserved),
            ),
        )
        bitmap = self.bitmap(lease.family)
        bitmap.take(lease.address)
        open_ranges.took(self._database, bitmap, lease.pool, lease.family, lease.address)

    def _count(self, pool: str, allocated: int, resting: int, reserved: int) -> None:
        counts = self._usage.setdefault(pool, [0, 0, 0])
        counts[0] += allocated
        counts[1] += resting
        counts[2] += reserved

    def _journal(self, event: str, lease: Lease, reason: str = "", decision_id: int = 0) -> int:
        """Writes a journal row; its id is the new revision of the lease, never used twice."""
        return self._tell(
            event,
            _key(lease),
            lease.pool,
            lease.attachment,
            lease.holder,
            lease.rules_digest,
            reason or lease.decision,
            decision_id,
        )

    def _tell(
        self,
        event: str,
        key: tuple[int, bytes],
        pool: str,
        attachment: Attachment,
        holder: Holder,
        rules_digest: str,
        decision: str,
        decision_id: int = 0,
    ) -> int:
        cursor = self._database.run(
            "INSERT INTO journal (at, event, family, address, pool, node, network, container_id, "
            "ifname, pod_namespace, pod_name, pod_uid, tenant, rules_digest, decision, "
            "decision_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._now_seconds,
                event,
                *key,
                pool,
                *_who(attachment, holder),
                rules_digest,
                decision,
                decision_id,
            ),
        )
        return cursor.lastrowid or 0


def _key(lease: Lease) -> tuple[int, bytes]:
    return lease.family, address_bytes(lease.family, lease.address)


def _who(attachment: Attachment, holder: Holder) -> tuple[str, ...]:
    return (
        attachment.node,
        attachment.network,
        attachment.container_id,
        attachment.ifname,
        holder.pod_namespace,
        holder.pod_name,
        holder.pod_uid,
        holder.tenant,
    )
