"""Who held an address, from when to when: the journal read as intervals. Pure.

    claimed ──> bound ──taken-over──> bound (another sandbox of the same Pod) ──> ...
                  │ └──kept──> kept ──taken-over──> bound
                  └──released, reclaimed──> nobody's (an address that rests is nobody's)

The journal may have been pruned: then it begins in the middle of the story. What it can still tell
is told, and nothing else: before its first entry, and before the second from which it is whole,
"nobody held it" is never an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from model.journal import JournalEntry
from model.leases import BOUND, KEPT, Attachment, Holder

CLAIMED, TAKEN_OVER, KEPT_EVENT = "claimed", "taken-over", "kept"
STARTS = {CLAIMED: BOUND, TAKEN_OVER: BOUND, KEPT_EVENT: KEPT}
# What can be said of the time before the first entry of a pruned journal.
HELD_BEFORE = {KEPT_EVENT: BOUND, "released": ""}


@dataclass(frozen=True, slots=True)
class Holding:
    """One address in one hand. Times are UTC seconds; `to_seconds` is the first second after it.

    `from_seconds` is None where the journal begins later, `to_seconds` where it goes on. `state` is
    `bound` (`attachment` has it), `kept` (for the StatefulSet's Pod, which has no sandbox), or
    empty where it is not known which of the two. `ended` is the event that ended it, empty while
    it goes on; `end_reason` says why where that is not simply that the sandbox let go of it.
    `decision` says why the pool was chosen, by the rules whose digest is `rules_digest`;
    `decision_id` is that of the kept decision, for the holding that began with the claim, else 0.
    """

    family: int
    address: int
    pool: str
    holder: Holder
    attachment: Attachment
    state: str
    from_seconds: int | None
    to_seconds: int | None
    ended: str
    end_reason: str
    rules_digest: str
    decision: str
    decision_id: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Who held an address in the seconds from `start` on and before `end`.

    `holdings` overlap these seconds, oldest first; `before` is the last that ended earlier, `after`
    the first that began later. `known` is false where the journal does not tell of all of these
    seconds, so that others may have held the address too.
    """

    start: int
    end: int
    holdings: tuple[Holding, ...]
    before: Holding | None
    after: Holding | None
    known: bool


def holdings_of(entries: Iterable[JournalEntry]) -> list[Holding]:
    """The holdings that journal entries tell of, by their beginning, those that began before first.

    `entries` are oldest first, of one address or of several; all that are left of each.
    """
    stories: dict[tuple[int, int], list[JournalEntry]] = {}
    for entry in entries:
        stories.setdefault((entry.family, entry.address), []).append(entry)
    found = [holding for story in stories.values() for holding in _of_one_address(story)]
    # A stable sort: what began in one second stays in the order in which it happened.
    return sorted(found, key=lambda one: -1 if one.from_seconds is None else one.from_seconds)


def answer(entries: Sequence[JournalEntry], known_from: int | None, start: int, end: int) -> Answer:
    """What the journal of one address says of the seconds from `start` on and before `end`.

    `known_from` is the second from which the journal of the whole store is complete, None for one
    in which nothing was ever written.
    """
    before, inside, after = [], [], []
    for holding in holdings_of(entries):
        last = holding.to_seconds
        first = _certain_from(holding, known_from)
        momentary = first == holding.from_seconds == last
        if first >= end:
            after.append(holding)
        elif last is None or last > start or (momentary and last >= start):
            inside.append(holding)
        else:
            before.append(holding)
    known = _is_known(entries, known_from, start)
    return Answer(
        start,
        end,
        tuple(inside),
        before[-1] if before else None,
        after[0] if after else None,
        known,
    )


def _certain_from(holding: Holding, known_from: int | None) -> int:
    """The first second in which it is certain; its end where its beginning was forgotten."""
    if holding.from_seconds is not None:
        return holding.from_seconds
    assert holding.to_seconds is not None  # its end is what tells of it
    return holding.to_seconds if known_from is None else min(known_from, holding.to_seconds)


def _is_known(entries: Sequence[JournalEntry], known_from: int | None, start: int) -> bool:
    """Whether nothing that happened to the address after `start` can be missing.

    What is left of an address's journal is the end of its story, so that everything from its first
    entry on is known, however early that is.
    """
    since = [] if known_from is None else [known_from]
    since += [entry.at_seconds for entry in entries[:1]]
    if not since or start < min(since):
        return False
    # The first entry says who had it before, but of a take-over only that its Pod did.
    first = entries[0] if entries else None
    vague = first is not None and first.event == TAKEN_OVER and start < first.at_seconds
    return not vague


def _of_one_address(story: Sequence[JournalEntry]) -> list[Holding]:
    found: list[Holding] = []
    current = _before(story[0])
    for entry in story:
        ended = None if current is None else _ended(current, entry)
        current = _begun(entry, ended)
        found += [ended] if ended is not None else []
    return [*found, current] if current is not None else found


def _before(first: JournalEntry) -> Holding | None:
    """The holding that was there before the first entry, where that was not the beginning."""
    if first.event not in HELD_BEFORE:
        return None
    return replace(_holding(first, HELD_BEFORE[first.event]), from_seconds=None)


def _begun(entry: JournalEntry, before: Holding | None) -> Holding | None:
    if entry.event not in STARTS:
        return None
    begun = _holding(entry, STARTS[entry.event])
    # The entry of an address that is kept says why it is; the pool was chosen before.
    return replace(begun, decision=before.decision) if before and begun.state == KEPT else begun


def _holding(entry: JournalEntry, state: str) -> Holding:
    return Holding(
        entry.family,
        entry.address,
        entry.pool,
        entry.holder,
        entry.attachment,
        state,
        entry.at_seconds,
        None,
        "",
        "",
        entry.rules_digest,
        entry.decision,
        entry.decision_id,
    )


def _ended(current: Holding, entry: JournalEntry) -> Holding:
    # A clock that was set back does not end anything before it began.
    at = max(current.from_seconds or 0, entry.at_seconds)
    reason = "" if entry.event == TAKEN_OVER else entry.decision
    reason = "" if reason == current.decision else reason
    return replace(current, to_seconds=at, ended=entry.event, end_reason=reason)
