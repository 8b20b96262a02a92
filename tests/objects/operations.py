"""Operations on leases, each all or nothing to observers, without a transaction of the API.

    1  plan on a list of all claims; what the plan cannot do is answered, and nothing was written
    2  create the claim's object, `binding`: from now on everybody can find and undo the rest
    3  read pools and reserved addresses again: whoever writes those undoes what is binding after it
    4  let the attachment's object name the claim, create the addresses, lock the claims it changes
    5  write the claim `done`: it holds, with all its families and all its effects
    6  write the effects into the other claims

Who is refused at 3, 4 or 5 undoes what it did and plans again, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from model.addresses import address_text
from model.errors import StoreBusyError
from model.leases import (
    BOUND,
    RESTING,
    Answer,
    Attachment,
    Busy,
    Claim,
    Claimed,
    Existing,
    FamilyClaim,
    Lease,
    LetGo,
    NoneLeft,
    NothingHeld,
    PoolChoice,
    Release,
    Released,
    Stale,
    TakeOver,
)
from tests.objects.claims import BINDING, ClaimRecord, revision_of, standing
from tests.objects.ledger import Ledger, busy, claim_of
from tests.objects.names import ADDRESS, CLAIM, address_name
from tests.objects.world import Place, Rules, World, entry_of, held_by_tenant

ATTEMPTS = 10
# After this long a claim that is still binding was left behind, and whoever it hinders undoes it.
BINDING_SECONDS = 30


class Operations:
    """What one client does to leases."""

    def __init__(
        self, ledger: Ledger, digest: Callable[[Rules], str], now_seconds: int, rest_seconds: int
    ) -> None:
        self._ledger = ledger
        self._digest = digest
        self._now = now_seconds
        self._rest_seconds = rest_seconds

    def _world(self, *, stale: bool = False) -> World:
        rules = Rules(self._ledger.client)
        return World(self._ledger, rules, self._now, self._rest_seconds, stale=stale)

    # --- claim

    def claim(self, wanted: Claim) -> Claimed | Existing | NoneLeft | Stale | Busy:
        """Binds an address of each family. The first plan may be made on an old list."""
        for attempt in range(ATTEMPTS):
            found, held = self._ledger.bound_to(wanted.attachment)
            if held:
                return Existing(held)
            if found and claim_of(found).state == BINDING:  # an earlier call was cut off
                self._ledger.abort(found.name)
                continue
            world = self._world(stale=attempt == 0)
            if self._digest(world.rules) != wanted.rules_digest:
                return Stale()
            name = self._ledger.client.new_name()
            planned = self._plan(world, wanted, name)
            if isinstance(planned, Sequence):
                if self._carry_out(name, world, wanted.attachment, planned):
                    return Claimed(planned)
            elif world.waiting:
                self._undo_what_was_left()
            elif attempt:
                return planned
        return Busy()

    def _plan(self, world: World, wanted: Claim, name: str) -> Sequence[Lease] | NoneLeft | Stale:
        if world.end(wanted.letting_go, wanted.reason, keep=False) is None:
            return Stale()
        leases = []
        for family in wanted.families:
            found = _find(world, family)
            if found is None:
                return NoneLeft(family.family)
            leases.append(_new_lease(wanted, name, family.family, *found, self._now))
            world.take(leases[-1])
        return leases

    def _undo_what_was_left(self) -> None:
        for name, claim in self._ledger.all().items():
            if claim.state == BINDING and claim.began_at_seconds + BINDING_SECONDS <= self._now:
                self._ledger.abort(name)

    # --- letting go

    def let_go(self, operation: LetGo) -> Released | Stale | Busy:
        """Lets go of leases of any claims, all or none."""
        for attempt in range(ATTEMPTS):
            world = self._world(stale=attempt == 0)
            ended = world.end(operation.leases, operation.reason, keep=operation.keep)
            if ended is None:
                if attempt:
                    return Stale()
                continue
            if not ended or self._carry_out(self._ledger.client.new_name(), world, None, []):
                for one in dict.fromkeys(lease.attachment for lease in ended):
                    _at_leisure(partial(self._ledger.unpoint, one))
                return Released(ended)
        return Busy()

    def release(self, operation: Release) -> Released | Busy:
        """Lets go of what an attachment has, and undoes what is being bound to it."""
        for _ in range(ATTEMPTS):
            found, held = self._ledger.bound_to(operation.attachment)
            if found and claim_of(found).state == BINDING:
                self._ledger.abort(found.name)
                continue
            if not held:
                self._ledger.unpoint(operation.attachment)  # or a late take-over undoes the release
                return Released([])
            outcome = self.let_go(LetGo(held, "", operation.keep))
            if not isinstance(outcome, Stale):
                return outcome
        return Busy()

    # --- taking over

    def take_over(self, operation: TakeOver) -> Existing | NothingHeld | Stale | Busy:
        """Rebinds what the tenant holds: one write of one claim."""
        for _ in range(ATTEMPTS):
            _, already = self._ledger.bound_to(operation.attachment)
            if already:
                return Existing(already)
            reserved = Rules(self._ledger.client).reserved
            claims = standing(self._ledger.all())
            name, held = held_by_tenant(claims, reserved, operation.holder.tenant)
            if not held:
                return NothingHeld()
            revisions = [lease.revision for lease in held]
            if operation.if_revisions is not None and revisions != list(operation.if_revisions):
                return Stale()
            rebound = self._rebind(name, held, operation)
            if rebound:
                _at_leisure(partial(self._ledger.finish, name))
                for one in dict.fromkeys(lease.attachment for lease in held):
                    _at_leisure(partial(self._ledger.unpoint, one))
                return Existing(rebound)
        return Busy()

    def _rebind(self, name: str, held: list[Lease], operation: TakeOver) -> list[Lease]:
        found = self._ledger.settle(name)
        if found is None or any(one not in claim_of(found).leases for one in held):
            return []
        if not self._ledger.point(operation.attachment, name):
            return []
        claim = claim_of(found)
        rebound = [
            lease.replace(
                state=BOUND,
                attachment=operation.attachment,
                holder=operation.holder,
                changed_at_seconds=self._now,
                rests_until_seconds=0,
                revision=revision_of(name, claim.changes + 1),
            )
            for lease in held
        ]
        entries = [entry_of(self._now, "taken-over", lease) for lease in rebound]
        written = self._ledger.change(found, claim.replace(leases=tuple(rebound)), entries)
        return rebound if written else []

    def end_rest(self, over: Callable[[Lease], bool]) -> None:
        """Ends the rest of every resting lease of which this is true."""
        for _ in range(ATTEMPTS):
            world = self._world()
            for lease in [one for _, one in world.held.values() if one.state == RESTING]:
                if over(lease):
                    world.reclaim(lease)
            name = self._ledger.client.new_name()
            if not world.effects or self._carry_out(name, world, None, []):
                return
        raise busy()

    # --- the six steps

    def _carry_out(
        self, name: str, world: World, attachment: Attachment | None, leases: Sequence[Lease]
    ) -> bool:
        """Steps 2 to 6; False if it did not come to pass and left nothing behind."""
        wants = [
            (lease.family, lease.address)
            for lease in leases
            if (lease.family, lease.address) not in world.effects
        ]
        claim = ClaimRecord(
            BINDING,
            attachment,
            self._now,
            tuple(wants),
            tuple(world.effects.values()),
            family_count=len(leases),
        )
        try:
            found = self._ledger.client.create(CLAIM, name, claim)
            done = found is not None and (
                self._prepare(name, world, attachment, wants)
                and self._ledger.commit(found, claim.replace(leases=tuple(leases)), world.entries)
            )
        except StoreBusyError:
            if self._ledger.abort(name):
                raise
            done = True  # the write that made it so got through after all
        if not done and self._ledger.abort(name):
            return False
        _at_leisure(partial(self._ledger.finish, name))
        return True

    def _prepare(
        self, name: str, world: World, attachment: Attachment | None, wants: Sequence[Place]
    ) -> bool:
        if Rules(self._ledger.client).version != world.rules.version:
            return False
        if attachment and not self._ledger.point(attachment, name):
            return False
        return all(self._create_address(*place, name) for place in wants) and all(
            self._ledger.lock(other, held, name) for other, held in world.touched().items()
        )

    def _create_address(self, family: int, address: int, name: str) -> bool:
        place = address_name(family, address)
        for _ in range(2):
            if self._ledger.client.create(ADDRESS, place, name):
                return True
            other = self._ledger.client.get(ADDRESS, place)
            if other and not self._ledger.drop_orphan(other):
                return False
        return False


def _at_leisure(step: Callable[[], object]) -> None:
    """Tidying up: where it does not come to an end, whoever comes upon the rest goes on with it."""
    with suppress(StoreBusyError):
        step()


def _find(world: World, wanted: FamilyClaim) -> tuple[PoolChoice, int] | None:
    for choice in wanted.choices:
        number = wanted.address
        if number is None:
            number = world.pick(choice.pool, wanted.family)
        elif not world.may_have(choice.pool, wanted.family, number):
            number = None
        if number is not None:
            return choice, number
    return None


def _new_lease(
    wanted: Claim, name: str, family: int, choice: PoolChoice, number: int, now_seconds: int
) -> Lease:
    text = f"{address_text(family, number)}/{choice.prefix_bits}"
    return Lease(
        family,
        number,
        choice.pool,
        BOUND,
        wanted.attachment,
        wanted.holder,
        Answer(text, choice.gateway, tuple(choice.routes)),
        now_seconds,
        rules_digest=wanted.rules_digest,
        decision=choice.reason,
        revision=revision_of(name, 1),
    )
