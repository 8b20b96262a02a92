"""All that an operation is planned on, as it is at one moment or was at several close ones."""

from __future__ import annotations

from collections.abc import Sequence

from model.addresses import address_bytes
from model.intervals import Intervals, contains, subtract, union
from model.journal import JournalEntry
from model.leases import BOUND, KEPT, RESTING, Lease
from model.pools import PoolRecord
from tests.objects.api import Object
from tests.objects.claims import BINDING, ClaimRecord, Effect, leases_of, standing
from tests.objects.client import Client
from tests.objects.codec import record_of
from tests.objects.ledger import Ledger, wanted_by_others
from tests.objects.names import APPLIED, POOL

RESERVED_KIND = "SpiderReservedIP"
# A number of an address with its family.
Place = tuple[int, int]


class Rules:
    """Pools and reserved addresses. `version` differs wherever any of them does."""

    def __init__(self, client: Client) -> None:
        pools = client.list(POOL)
        objects = [one for one in client.list(APPLIED) if one.name.startswith(f"{RESERVED_KIND}.")]
        self.version = [(one.name, one.revision) for one in (*pools, *objects)]
        self.pools: dict[str, PoolRecord] = {one.name: record_of(one.text) for one in pools}
        self.reserved = {family: _reserved(objects, family) for family in (4, 6)}

    def claimable(self, pool: str, family: int) -> Intervals:
        """The addresses of a pool that may be handed out, held or not; none if it is not there."""
        found = self.pools.get(pool)
        if found is None or found.serving.rules.family != family:
            return ()
        return subtract(found.ranges, self.reserved[family])

    def quarantine_seconds(self, pool: str, otherwise: int) -> int:
        """How long a released address of this pool rests."""
        found = self.pools.get(pool)
        if found is None or found.quarantine_seconds is None:
            return otherwise
        return found.quarantine_seconds


def _reserved(objects: Sequence[Object], family: int) -> Intervals:
    facts = [record_of(one.text).facts for one in objects]
    ranges = [one["ranges"] for one in facts if one.get("family") == family]
    return union((int(first), int(last)) for some in ranges for first, last in some)


class World:
    """The leases as an operation finds them, and as it would leave them.

    `effects` and `entries` gather what it does to leases of other claims. `waiting` says that it
    passed over an address, or a whole pool, only because another claim is not decided yet.
    """

    def __init__(
        self, ledger: Ledger, rules: Rules, now_seconds: int, rest_seconds: int, *, stale: bool
    ) -> None:
        claims = ledger.all(stale=stale)
        self.rules = rules
        self.waiting = False
        self.effects: dict[Place, Effect] = {}
        self.entries: list[JournalEntry] = []
        self._now = now_seconds
        self._rest_seconds = rest_seconds
        self._wanted = wanted_by_others(claims)
        self._read: dict[Place, tuple[str, Lease]] = {}
        self.held: dict[Place, tuple[str, Lease]] = {}
        for name, lease in leases_of(standing(claims)):
            self._read[lease.family, lease.address] = self.held[lease.family, lease.address] = (
                name,
                lease,
            )
        self._undecided = {
            name
            for name, claim in claims.items()
            if claim.lock in claims and claims[claim.lock].state == BINDING
        }

    def touched(self) -> dict[str, list[Lease]]:
        """The leases that would change, as they were read, by the name of their claim."""
        found: dict[str, list[Lease]] = {}
        for place in self.effects:
            name, lease = self._read[place]
            found.setdefault(name, []).append(lease)
        return found

    def end(self, leases: Sequence[Lease], reason: str, *, keep: bool) -> list[Lease] | None:
        """Lets go of leases; gives those that change, or None if one is not as it was read."""
        ended = []
        for read in leases:
            name, lease = self.held.get((read.family, read.address), ("", None))
            if lease is None or lease.revision != read.revision:
                return None
            kept = keep and lease.holder.tenant != ""
            if lease.state == RESTING or (kept and lease.state == KEPT):
                continue
            seconds = self.rules.quarantine_seconds(lease.pool, self._rest_seconds)
            until = self._now + seconds if seconds > 0 and not kept else 0
            state = KEPT if kept else RESTING if until else ""
            self._change(name, lease, state, until)
            self.note("kept" if kept else "released", lease, reason)
            ended.append(lease)
        return ended

    def _change(self, name: str, lease: Lease, state: str, until: int = 0) -> None:
        place = (lease.family, lease.address)
        self.effects[place] = Effect(name, *place, state, self._now, until)
        if state:
            after = lease.replace(state=state, rests_until_seconds=until)
            self.held[place] = (name, after)
        else:
            self.held.pop(place, None)

    def note(self, event: str, lease: Lease, reason: str = "") -> None:
        """Adds a journal entry of a lease as it is or was."""
        self.entries.append(entry_of(self._now, event, lease, reason))

    def reclaim(self, lease: Lease) -> None:
        """Ends the rest of a lease."""
        self._change(self.held[lease.family, lease.address][0], lease, "")
        self.note("reclaimed", lease)

    def take(self, lease: Lease) -> None:
        """Makes a lease of an address that `pick` gave or that `may_have` allowed."""
        place = (lease.family, lease.address)
        if place in self.held:
            self.reclaim(self.held[place][1])
        self.held[place] = ("", lease)
        self.note("claimed", lease)
        if place in self.effects:
            self.effects[place] = self.effects[place].replace(passed_on=True)

    def pick(self, pool: str, family: int) -> int | None:
        """The lowest address that nobody holds or has rested enough, else the longest resting."""
        intervals = self.rules.claimable(pool, family)
        taken = {address for of, address in self._wanted if of == family}
        taken |= {place[1] for place in self.held if place[0] == family and not self._rested(place)}
        free = subtract(intervals, union((one, one) for one in taken))
        if free:
            return free[0][0]
        resting = [
            (lease.rests_until_seconds, lease.address)
            for name, lease in self.held.values()
            if lease.state == RESTING and lease.family == family and lease.pool == pool
            if contains(intervals, lease.address) and not self._waits_for(name)
        ]
        self.waiting |= any(contains(intervals, one[1]) for one in self._wanted if one[0] == family)
        return min(resting)[1] if resting else None

    def may_have(self, pool: str, family: int, address: int) -> bool:
        """Whether this very address could be claimed now."""
        if not contains(self.rules.claimable(pool, family), address):
            return False
        if (family, address) in self._wanted:
            self.waiting = True
            return False
        name, lease = self.held.get((family, address), ("", None))
        return lease is None or (lease.state == RESTING and not self._waits_for(name))

    def _rested(self, place: Place) -> bool:
        name, lease = self.held[place]
        return (
            lease.state == RESTING
            and lease.rests_until_seconds <= self._now
            and not self._waits_for(name)
        )

    def _waits_for(self, name: str) -> bool:
        self.waiting |= name in self._undecided
        return name in self._undecided


def entry_of(now_seconds: int, event: str, lease: Lease, reason: str = "") -> JournalEntry:
    """The journal's word of one change."""
    return JournalEntry(
        now_seconds,
        event,
        lease.family,
        lease.address,
        lease.pool,
        lease.attachment,
        lease.holder,
        lease.rules_digest,
        reason or lease.decision,
    )


def held_by_tenant(
    claims: dict[str, ClaimRecord], reserved: dict[int, Intervals], tenant: str
) -> tuple[str, list[Lease]]:
    """The claim that a tenant would take over, and its leases, IPv4 first; or none.

    Only whole claims: as many leases as were claimed, and none that rests and is reserved by now.
    Bound comes before kept before resting, the latest first.
    """
    whole = []
    for name, claim in claims.items():
        mine = [lease for lease in claim.leases if tenant and lease.holder.tenant == tenant]
        lost = any(
            lease.state == RESTING and contains(reserved[lease.family], lease.address)
            for lease in mine
        )
        if mine and len(mine) == claim.family_count and not lost:
            order = min((RESTING, KEPT, BOUND).index(lease.state) for lease in mine)
            whole.append(((order, claim.stamp), name, sorted(mine, key=lease_order)))
    return max(whole, key=lambda one: one[0])[1:] if whole else ("", [])


def lease_order(lease: Lease) -> tuple[int, bytes]:
    """IPv4 first, by address."""
    return lease.family, address_bytes(lease.family, lease.address)
