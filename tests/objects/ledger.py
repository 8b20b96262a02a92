"""Claims' objects and what hangs on them: who finishes, undoes and removes what.

Whoever comes upon a claim in the way deals with it, and needs nothing of who left it there:

    a lock by a done claim       its effects are written, and the lock goes
    a lock by an undone one      goes
    a lock by a binding one      undoes that one first: the lock's owner tries again
    an address of no claim       is removed

Every write is of one object and names the revision it was read at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.errors import StoreBusyError
from model.journal import JournalEntry
from model.leases import Attachment, Lease
from tests.objects.api import Object
from tests.objects.claims import (
    BINDING,
    DONE,
    UNDONE,
    ClaimRecord,
    Pointer,
    after_effects,
    bound_leases,
    rows_of,
)
from tests.objects.client import Client
from tests.objects.codec import record_of
from tests.objects.names import ADDRESS, CLAIM, ENTRY, POINTER, address_name, attachment_name

ROUNDS = 12


def claim_of(found: Object) -> ClaimRecord:
    """The record in a claim's object."""
    claim = record_of(found.text)
    assert isinstance(claim, ClaimRecord)
    return claim


def busy() -> StoreBusyError:
    """What is raised where others changed the same objects all the time."""
    return StoreBusyError("the objects of this lease change all the time", "try again")


class Ledger:
    """The objects of all claims, seen by one client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def all(self, *, stale: bool = False) -> dict[str, ClaimRecord]:
        """Every claim of one moment, by name."""
        return {one.name: claim_of(one) for one in self.client.list(CLAIM, stale=stale)}

    def get(self, name: str) -> Object | None:
        """A claim's object as it is."""
        return self.client.get(CLAIM, name)

    def settle(self, name: str) -> Object | None:
        """A claim's object after whatever locked it is over; None if it is gone."""
        for _ in range(ROUNDS):
            found = self.get(name)
            if found is None or not claim_of(found).lock:
                return found
            self._unlock(found)
        raise busy()

    def _unlock(self, found: Object) -> None:
        claim = claim_of(found)
        by = self.get(claim.lock)
        if by is None or claim_of(by).state == UNDONE:
            self.client.update(found, claim.replace(lock=""))
        elif claim_of(by).state == BINDING:
            self.abort(by.name)
        else:
            self._write_effects(found, by)

    def _write_effects(self, found: Object, by: Object) -> None:
        """First the addresses that pass on, then the claim, then the addresses that are free."""
        effects = [one for one in claim_of(by).effects if one.claim == found.name]
        for one in effects:
            if one.passed_on:
                self._pass_on(one.family, one.address, found.name, by.name)
        after = after_effects(found.name, claim_of(found), claim_of(by))
        written = self.client.update(found, after)
        if written:
            for one in effects:
                if not one.state and not one.passed_on:
                    self.drop_address(one.family, one.address, found.name)
            self._drop_if_empty(written)

    def _pass_on(self, family: int, address: int, old: str, new: str) -> None:
        for _ in range(ROUNDS):
            found = self.client.get(ADDRESS, address_name(family, address))
            if found is None or record_of(found.text) != old:
                return
            self.client.update(found, new)
        raise busy()

    def drop_address(self, family: int, address: int, owner: str) -> None:
        """Removes the object of an address if it names this claim."""
        found = self.client.get(ADDRESS, address_name(family, address))
        if found and record_of(found.text) == owner:
            self.client.delete(found)

    def drop_orphan(self, found: Object) -> bool:
        """Removes the object of an address that no claim holds or goes for; whether it did."""
        owner = self.get(record_of(found.text))
        claim = claim_of(owner) if owner else None
        if claim and claim.state == BINDING:
            return False
        if claim and claim.state == DONE:
            names = {address_name(lease.family, lease.address) for lease in claim.leases}
            if found.name in names:
                return False
        return self.client.delete(found)

    def abort(self, name: str) -> bool:
        """Undoes a claim that is binding, with all that hangs on it; False if it is done."""
        for _ in range(ROUNDS):
            found = self.get(name)
            if found is None:
                return True
            claim = claim_of(found)
            if claim.state == DONE:
                return False
            if claim.state == UNDONE:
                self._clear(found, claim)
                return True
            self.client.update(found, claim.replace(state=UNDONE))
        raise busy()

    def _clear(self, found: Object, claim: ClaimRecord) -> None:
        for family, address in claim.wants:
            self.drop_address(family, address, found.name)
        for other in dict.fromkeys(one.claim for one in claim.effects):
            held = self.get(other)
            if held and claim_of(held).lock == found.name:
                self.client.update(held, claim_of(held).replace(lock=""))
        if claim.attachment:
            pointer = self.client.get(POINTER, attachment_name(claim.attachment))
            if pointer and record_of(pointer.text).claim == found.name:
                self.client.delete(pointer)
        self.client.delete(found)

    def lock(self, name: str, leases: Sequence[Lease], by: str) -> bool:
        """Locks a claim for another, if these leases of it are as they were read.

        Its own effects are written first: the object of an address goes from claim to claim, and
        skips none.
        """
        found = self.settle(name)
        if found and claim_of(found).effects:
            self.finish(name)
            found = self.settle(name)
        if found is None or any(one not in claim_of(found).leases for one in leases):
            return False
        return self.client.update(found, claim_of(found).replace(lock=by)) is not None

    def commit(self, found: Object, claim: ClaimRecord, entries: Sequence[JournalEntry]) -> bool:
        """Makes a binding claim done, or False if somebody undid it."""
        if self.change(found, claim.replace(state=DONE), entries):
            return True
        now = self.get(found.name)
        return now is not None and claim_of(now).state == DONE

    def change(
        self, found: Object, claim: ClaimRecord, entries: Sequence[JournalEntry]
    ) -> Object | None:
        """Writes a claim that changed, with its journal; None if it was changed meanwhile."""
        self.flush(claim_of(found))
        changes, stamp = claim_of(found).changes + 1, self.client.seen
        return self.client.update(
            found,
            claim.replace(
                changes=changes, stamp=stamp, journal=rows_of(found.name, changes, stamp, entries)
            ),
        )

    def flush(self, claim: ClaimRecord) -> None:
        """Gives every row of a claim's journal an object of its own, once."""
        for row in claim.journal:
            self.client.create(ENTRY, row.name, row)

    def finish(self, name: str) -> None:
        """Writes the effects of a done claim into the others, and its journal."""
        for _ in range(ROUNDS):
            found = self.get(name)
            if found is None:
                return
            claim = claim_of(found)
            if claim.effects or claim.journal:
                for other in dict.fromkeys(one.claim for one in claim.effects):
                    self.settle(other)
                self.flush(claim)
                if not self.client.update(found, claim.replace(effects=(), journal=())):
                    continue
            self._drop_if_empty(self.get(name))
            return
        raise busy()

    def _drop_if_empty(self, found: Object | None) -> None:
        """Removes a done claim without leases whose effects are all written."""
        if found is None:
            return
        claim = claim_of(found)
        if claim.state == DONE and not (claim.leases or claim.effects or claim.lock):
            self.flush(claim)
            self.client.delete(found)

    def bound_to(self, attachment: Attachment) -> tuple[Object | None, list[Lease]]:
        """The claim that an attachment's object names, and the leases that it has of it."""
        pointer = self.client.get(POINTER, attachment_name(attachment))
        found = self.settle(record_of(pointer.text).claim) if pointer else None
        if found is None or claim_of(found).state != DONE:
            return found, []
        return found, bound_leases(claim_of(found), attachment)

    def point(self, attachment: Attachment, name: str) -> bool:
        """Lets an attachment's object name a claim that was read before; False if it has another.

        Always writes. A claim that the object named is touched first, so that whoever is about to
        bind that one to the attachment finds it changed.
        """
        value = Pointer(attachment, name)
        for _ in range(ROUNDS):
            pointer = self.client.get(POINTER, attachment_name(attachment))
            if pointer is None:
                if self.client.create(POINTER, attachment_name(attachment), value):
                    return True
                continue
            former = record_of(pointer.text).claim
            if former != name and not self._let_loose(attachment, former):
                return False
            if self.client.update(pointer, value):
                return True
        raise busy()

    def unpoint(self, attachment: Attachment) -> None:
        """Removes an attachment's object if it has no claim and nobody is about to give it one."""
        pointer = self.client.get(POINTER, attachment_name(attachment))
        if pointer is None:
            return
        found = self.settle(record_of(pointer.text).claim)
        if found and claim_of(found).state == BINDING:
            return
        if self._let_loose(attachment, record_of(pointer.text).claim):
            self.client.delete(pointer)

    def _let_loose(self, attachment: Attachment, former: str) -> bool:
        """Sees to it that a claim is not, and will not become, the attachment's; False if it is."""
        for _ in range(ROUNDS):
            found = self.settle(former)
            if found is None:
                return True
            claim = claim_of(found)
            if claim.state != DONE:
                self.abort(former)
            elif bound_leases(claim, attachment):
                return False
            elif self.client.update(found, claim):
                return True
        raise busy()


def wanted_by_others(claims: Mapping[str, ClaimRecord]) -> set[tuple[int, int]]:
    """The addresses that binding claims go for."""
    return {
        (family, address)
        for claim in claims.values()
        if claim.state == BINDING
        for family, address in claim.wants
    }
