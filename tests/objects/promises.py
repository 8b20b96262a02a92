"""What must hold at every moment, and what clients were told.

an address has one lease, and its object names the claim that has it
an attachment has all families of one claim, or none
what was answered is there, unchanged, until its end was asked for; what was deleted stays away
nothing is claimed on rules that were replaced before
the journal tells every change once, in an order that can have happened
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from model.leases import BOUND, Attachment, Lease
from tests.objects.api import FakeApi
from tests.objects.claims import ClaimRecord, leases_of, standing
from tests.objects.codec import record_of
from tests.objects.ledger import claim_of
from tests.objects.names import ADDRESS, CLAIM, address_name
from tests.objects.store import ObjectStore

# What may follow what in the life of an address, and the state it leaves.
NEXT_EVENTS = {
    "": {"claimed"},
    "claimed": {"taken-over", "kept", "released"},
    "taken-over": {"taken-over", "kept", "released"},
    "kept": {"taken-over", "released"},
    "released": {"taken-over", "reclaimed"},
    "reclaimed": {"claimed"},
}
STATES = {"claimed": "bound", "taken-over": "bound", "kept": "kept", "released": "resting"}


class Promises:
    """What was answered, and what must hold because of it.

    `answered` has an attachment's leases, or none after its end was answered; of what is being
    asked for, and of what somebody else is about to end, it has no word. `digests` are those of
    the rules that may be in force.
    """

    def __init__(self, api: FakeApi, digest: str) -> None:
        self.answered: dict[Attachment, list[Lease]] = {}
        self.digests = {digest}
        self._api = api
        self._seen = 0
        self._done: set[str] = set()
        self._doomed: set[str] = set()
        self._moves: list[tuple[str, Attachment]] = []
        self._moving: list[tuple[str, Attachment]] = []

    # --- what is asked for, and answered

    def moving(self, tenant: str, place: Attachment) -> None:
        """A take-over begins: until its end is known, nobody is sure of what the tenant holds."""
        self._moves.append((tenant, place))
        self._moving.append((tenant, place))
        self._forget(
            held
            for held, leases in self.answered.items()
            if tenant and any(lease.holder.tenant == tenant for lease in leases)
        )

    def moved(self, tenant: str, place: Attachment) -> None:
        """A take-over is over, and nothing of it is on its way any more."""
        self._moving.remove((tenant, place))

    def doom(self, leases: Sequence[Lease]) -> None:
        """These are let go of, by what was read of them."""
        self._doomed |= {lease.revision for lease in leases}
        self._forget(
            place
            for place, held in self.answered.items()
            if any(one.revision in self._doomed for one in held)
        )

    def suspects(self) -> Callable[[Attachment], set[str]]:
        """The tenants of whom somebody else takes something over, now or until this is called."""
        moving, start = list(self._moving), len(self._moves)
        return lambda place: {
            tenant for tenant, by in moving + self._moves[start:] if tenant and by != place
        }

    def believe(
        self,
        place: Attachment,
        leases: Sequence[Lease],
        suspects: Callable[[Attachment], set[str]],
    ) -> None:
        """What was answered holds from now on, unless somebody is, or was, about to end it."""
        moved = {one.holder.tenant for one in leases} & suspects(place)
        if not moved and not any(one.revision in self._doomed for one in leases):
            self.answered[place] = list(leases)

    def _forget(self, places: Iterable[Attachment]) -> None:
        for place in list(places):
            del self.answered[place]

    # --- what holds

    def look(self) -> None:
        """Checks all but the journal, if anything was written since the last look."""
        if self._seen == self._api.revision:
            return
        self._seen = self._api.revision
        raw = {one.name: claim_of(one) for one in self._api.list(CLAIM)}
        claims = standing(raw)
        self._check_addresses(raw, claims)
        bound: dict[Attachment, list[tuple[str, Lease]]] = {}
        for name, lease in leases_of(claims):
            if lease.state == BOUND:
                bound.setdefault(lease.attachment, []).append((name, lease))
        for held in bound.values():
            assert sorted(lease.family for _, lease in held) == [4, 6]
            assert len({name for name, _ in held}) == 1
        for place, leases in self.answered.items():
            assert same((lease for _, lease in bound.get(place, [])), leases)
        for name in claims.keys() - self._done:
            assert {lease.rules_digest for lease in claims[name].leases} <= self.digests
        self._done |= claims.keys()

    def _check_addresses(self, raw: dict[str, ClaimRecord], claims: dict[str, ClaimRecord]) -> None:
        owners = {one.name: record_of(one.text) for one in self._api.list(ADDRESS)}
        seen = set()
        for name, lease in leases_of(claims):
            place = address_name(lease.family, lease.address)
            assert place not in seen, f"{place} has two leases"
            seen.add(place)
            owner = owners.get(place, "")
            assert owner == name or raw[owner].lock == name, f"{place} is of {owner}, not {name}"


def check_journal(store: ObjectStore, places: Iterable[tuple[int, int]]) -> None:
    """Of every address, with its family: each change is told once, and the last one is its state."""
    for family, address in places:
        events = [one.event for one in store.journal.of_address(family, address)]
        for before, event in zip(["", *events], events, strict=False):
            assert event in NEXT_EVENTS[before], events
        lease = store.leases.by_address(family, address)
        assert (lease.state if lease else None) == STATES.get(events[-1] if events else ""), events


def same(left: Iterable[Lease], right: Iterable[Lease]) -> bool:
    """Whether these are leases of the same addresses."""
    return {(one.family, one.address) for one in left} == {
        (one.family, one.address) for one in right
    }
