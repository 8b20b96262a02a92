"""What a claim's object holds, and what the objects together say: values only, no API.

A claim's object has the leases of one claim, all families in one place, so that they change in one
write. A claim that changes others, too (it lets go of their leases, or takes an address that
rests), is committed by the one write that makes it `done`:

    binding ──> done        its own leases hold, and so do its `effects` on the claims it has locked
        └─────> undone      for ever: none of it holds

A claim that is locked by a done one reads as if the effects had been written into it already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from model.journal import JournalEntry
from model.leases import BOUND, Attachment, Lease
from model.record import Record

BINDING, DONE, UNDONE = "binding", "done", "undone"


class Effect(Record):
    """What a claim does to a lease of another: it becomes `state`, or ends where that is empty.

    `passed_on`: the claim itself takes the address.
    """

    __slots__ = ("address", "at_seconds", "claim", "family", "passed_on", "rests_until", "state")

    def __init__(
        self,
        claim: str,
        family: int,
        address: int,
        state: str,
        at_seconds: int,
        rests_until: int = 0,
        passed_on: bool = False,
    ) -> None:
        self.claim = claim
        self.family = family
        self.address = address
        self.state = state
        self.at_seconds = at_seconds
        self.rests_until = rests_until
        self.passed_on = passed_on


class Pointer(Record):
    """The body of an attachment's object: the claim it last went for, bound to it or not."""

    __slots__ = ("attachment", "claim")

    def __init__(self, attachment: Attachment, claim: str) -> None:
        self.attachment = attachment
        self.claim = claim


class JournalRow(Record):
    """A change, in the body of the claim that made it until it has an object of its own."""

    __slots__ = ("entry", "name", "place", "stamp")

    def __init__(self, name: str, stamp: int, place: int, entry: JournalEntry) -> None:
        self.name = name
        self.stamp = stamp
        self.place = place
        self.entry = entry


class ClaimRecord(Record):
    """The body of a claim's object.

    `wants` are the addresses it creates objects for. `lock` names the claim that may be about to
    change this one. `changes` counts its writes that mean something, and `stamp` orders them among
    those of all claims. `journal` tells of the last of them.
    """

    __slots__ = (
        "attachment",
        "began_at_seconds",
        "changes",
        "effects",
        "family_count",
        "journal",
        "leases",
        "lock",
        "stamp",
        "state",
        "wants",
    )

    def __init__(
        self,
        state: str,
        attachment: Attachment | None,
        began_at_seconds: int,
        wants: Sequence[tuple[int, int]] = (),
        effects: Sequence[Effect] = (),
        leases: Sequence[Lease] = (),
        family_count: int = 0,
        lock: str = "",
        changes: int = 0,
        stamp: int = 0,
        journal: Sequence[JournalRow] = (),
    ) -> None:
        self.state = state
        self.attachment = attachment
        self.began_at_seconds = began_at_seconds
        self.wants = wants
        self.effects = effects
        self.leases = leases
        self.family_count = family_count
        self.lock = lock
        self.changes = changes
        self.stamp = stamp
        self.journal = journal


def revision_of(name: str, changes: int) -> str:
    """The revision of a lease that the given change of its claim left behind: never used twice."""
    return f"{name}.{changes}"


def rows_of(
    name: str, changes: int, stamp: int, entries: Sequence[JournalEntry]
) -> tuple[JournalRow, ...]:
    """The journal of one change of a claim."""
    return tuple(
        JournalRow(f"{name}.{changes}.{place}", stamp, place, entry)
        for place, entry in enumerate(entries)
    )


def bound_leases(record: ClaimRecord, attachment: Attachment) -> list[Lease]:
    """Those of a done claim's leases that an attachment has."""
    return [
        lease for lease in record.leases if lease.state == BOUND and lease.attachment == attachment
    ]


def after_effects(name: str, record: ClaimRecord, by: ClaimRecord) -> ClaimRecord:
    """A claim that `by` had locked, unlocked and with the effects of `by` on it."""
    effects = {(one.family, one.address): one for one in by.effects if one.claim == name}
    changes = record.changes + 1
    leases = []
    for lease in record.leases:
        effect = effects.get((lease.family, lease.address))
        if effect is None:
            leases.append(lease)
        elif effect.state:
            leases.append(
                lease.replace(
                    state=effect.state,
                    changed_at_seconds=effect.at_seconds,
                    rests_until_seconds=effect.rests_until,
                    revision=revision_of(name, changes),
                )
            )
    return record.replace(
        leases=tuple(leases), lock="", changes=changes, stamp=max(record.stamp, by.stamp)
    )


def standing(claims: Mapping[str, ClaimRecord]) -> dict[str, ClaimRecord]:
    """The claims that hold, of one moment, as if every effect had been written."""
    found = {}
    for name, claim in claims.items():
        if claim.state == DONE:
            by = claims.get(claim.lock)
            holds = by is not None and by.state == DONE
            found[name] = after_effects(name, claim, by) if by and holds else claim
    return found


def leases_of(claims: Mapping[str, ClaimRecord]) -> Iterator[tuple[str, Lease]]:
    """Every lease with the name of its claim, from what `standing` gave."""
    for name, claim in claims.items():
        for lease in claim.leases:
            yield name, lease
