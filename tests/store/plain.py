"""The store as plain sets and dictionaries: what every operation does, said as simply as can be.

Addresses are numbers; those of the two families never meet. Nothing here is fast, or durable.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

BOUND, KEPT, RESTING = "bound", "kept", "resting"


class PlainLease:
    """An address that is held. `changed` grows with every change of any lease."""

    def __init__(self, pool: str, container: str, tenant: str, claim: int, count: int) -> None:
        self.pool = pool
        self.container = container
        self.tenant = tenant
        self.claim = claim
        self.count = count  # how many addresses were claimed together
        self.changed = 0
        self.state = BOUND
        self.rests_until: int | None = None


class PlainStore:
    """Pools, reserved addresses, leases, sightings, and the time."""

    def __init__(self, pools: Iterable[str], now: int) -> None:
        self.now = now
        self.ranges: dict[str, set[int]] = {name: set() for name in pools}
        self.quarantine = dict.fromkeys(self.ranges, 0)
        self.reserved: set[int] = set()
        self.held: dict[int, PlainLease] = {}
        self.sightings: dict[int, tuple[int, int]] = {}
        self._changes = 0

    def bound(self, container: str) -> list[int]:
        """What an attachment holds."""
        return sorted(
            number
            for number, lease in self.held.items()
            if lease.container == container and lease.state == BOUND
        )

    def resting(self, pool: str) -> list[int]:
        """Of a pool, in the order in which they are given on."""
        found = [
            (lease.rests_until or 0, number)
            for number, lease in self.held.items()
            if lease.pool == pool and lease.state == RESTING
        ]
        return [number for _, number in sorted(found)]

    def next_free(self, pool: str) -> int | None:
        """What a claim on this pool alone would get."""
        return copy.deepcopy(self)._lowest(pool)

    def claim(
        self,
        container: str,
        tenant: str,
        wanted: Sequence[Sequence[str]],
        address: int | None = None,
        giving_up: Sequence[int] = (),
    ) -> list[int] | int:
        """One address for each list of pools; or the place of the list that has none left."""
        before = (copy.deepcopy(self.held), self._changes)
        for number in giving_up:
            self.end(number, keep=False)
        given: list[int] = []
        claim = self._changes + 1
        for place, pools in enumerate(wanted):
            found = self._find(pools, address)
            if found is None:
                self.held, self._changes = before
                return place
            pool, number = found
            self.held[number] = PlainLease(pool, container, tenant, claim, len(wanted))
            self._touch(number)
            given.append(number)
        return given

    def _find(self, pools: Sequence[str], address: int | None) -> tuple[str, int] | None:
        for pool in pools:
            number = self._lowest(pool) if address is None else self._requested(pool, address)
            if number is not None:
                return pool, number
        return None

    def _lowest(self, pool: str) -> int | None:
        for number in self.resting(pool):
            if (self.held[number].rests_until or 0) <= self.now:
                del self.held[number]
        free = self.ranges[pool] - self.reserved - self.held.keys()
        if free:
            return min(free)
        for number in self.resting(pool):
            if number not in self.reserved:
                del self.held[number]
                return number
        return None

    def _requested(self, pool: str, address: int) -> int | None:
        if address not in self.ranges[pool] - self.reserved:
            return None
        if address in self.held and self.held[address].state != RESTING:
            return None
        self.held.pop(address, None)
        return address

    def end(self, number: int, *, keep: bool) -> bool:
        """Lets go of an address; whether that changes anything."""
        lease = self.held[number]
        keep = keep and lease.tenant != ""
        if lease.state == RESTING or (keep and lease.state == KEPT):
            return False
        quarantine = self.quarantine[lease.pool]
        if not keep and not quarantine:
            del self.held[number]
            self._changes += 1
            return True
        lease.state = KEPT if keep else RESTING
        lease.rests_until = None if keep else self.now + quarantine
        self._touch(number)
        return True

    def of_tenant(self, tenant: str) -> list[int]:
        """What a tenant would take over: one claim, whole; the one that is best to have."""
        claims: dict[int, list[int]] = {}
        for number, lease in sorted(self.held.items()):
            if tenant and lease.tenant == tenant:
                claims.setdefault(lease.claim, []).append(number)
        whole = [numbers for numbers in claims.values() if self._may_be_had(numbers)]
        return max(whole, key=self._preference, default=[])

    def _may_be_had(self, numbers: list[int]) -> bool:
        lost = any(self.held[n].state == RESTING and n in self.reserved for n in numbers)
        return len(numbers) == self.held[numbers[0]].count and not lost

    def _preference(self, numbers: list[int]) -> tuple[int, int]:
        states = [(RESTING, KEPT, BOUND).index(self.held[number].state) for number in numbers]
        return min(states), self.held[numbers[0]].changed

    def take_over(self, numbers: Sequence[int], container: str) -> None:
        """Binds what a tenant has to another attachment."""
        for number in numbers:
            lease = self.held[number]
            lease.container, lease.state, lease.rests_until = container, BOUND, None
            self._touch(number)

    def whole(self, numbers: Sequence[int]) -> list[int]:
        """These, and what was claimed together with them."""
        claims = {self.held[number].claim for number in numbers}
        return sorted(number for number, lease in self.held.items() if lease.claim in claims)

    def leaving(self, wanted: dict[str, set[int]]) -> list[int]:
        """The addresses that somebody holds and that would leave their pool."""
        return sorted(
            number
            for number, lease in self.held.items()
            if number not in wanted[lease.pool] and lease.state != RESTING
        )

    def resize(self, wanted: dict[str, set[int]], quarantine: dict[str, int]) -> None:
        """Gives all pools other addresses, and the addresses that leave no rest."""
        self.ranges, self.quarantine = wanted, quarantine
        self.held = {
            number: lease for number, lease in self.held.items() if number in wanted[lease.pool]
        }

    def delete(self, pool: str) -> None:
        """Removes a pool that nobody holds anything of."""
        self.ranges[pool] = set()
        self.held = {number: lease for number, lease in self.held.items() if lease.pool != pool}

    def ripe(self, grace: int) -> list[int]:
        """What was seen abandoned long enough ago, and is as it was then."""
        return sorted(
            number
            for number, (changed, since) in self.sightings.items()
            if number in self.held
            and self.held[number].changed == changed
            and self.now - since >= grace
        )

    def _touch(self, number: int) -> None:
        self._changes += 1
        self.held[number].changed = self._changes
