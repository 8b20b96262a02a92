"""What became otherwise between two decisions about one Pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.decisions import CHOSEN
from policy.reasons import why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.decisions import Candidate, Decision

SAME = "the decision is the same"


def changes(before: Decision, after: Decision) -> list[str]:
    """The differences, a line each, in words: the choice first, then each pool; empty if none.

    Free counts and places in files are no difference.
    """
    return list(
        dict.fromkeys([*_choices(before, after), *_pools(before, after), *_errors(before, after)])
    )


def _choices(before: Decision, after: Decision) -> Iterator[str]:
    then, now = _chosen(before), _chosen(after)
    for family in sorted({*then, *now}):
        old, new = then.get(family, ("none", "")), now.get(family, ("none", ""))
        if old != new:
            yield f"IPv{family}: {_told(old)} -> {_told(new)}"


def _chosen(decision: Decision) -> dict[int, tuple[str, str]]:
    """Family to pool and address, where there is one."""
    return {
        family.family: (candidate.pool, family.address)
        for family in decision.families
        for candidate in family.candidates
        if candidate.outcome == CHOSEN and decision.error is None
    }


def _told(choice: tuple[str, str]) -> str:
    pool, address = choice
    return f"{pool} {address}".strip()


def _pools(before: Decision, after: Decision) -> Iterator[str]:
    then, now = _candidates(before), _candidates(after)
    for place in [*now, *(one for one in then if one not in now)]:
        old, new = then.get(place), now.get(place)
        if old is None and new is not None:
            yield f"  {place[1]}: new here, {_state(new)}"
        elif new is None:
            yield f"  {place[1]}: no candidate any more"
        elif old is not None and _state(old) != _state(new):
            yield f"  {place[1]}: {_state(old)} -> {_state(new)}"


def _candidates(decision: Decision) -> dict[tuple[int, str], Candidate]:
    return {
        (family.family, candidate.pool): candidate
        for family in decision.families
        for candidate in family.candidates
    }


def _state(candidate: Candidate) -> str:
    if candidate.rank:
        return f"{candidate.outcome} (rank {candidate.rank})"
    return f"{candidate.outcome} ({why_not(candidate)})"


def _errors(before: Decision, after: Decision) -> Iterator[str]:
    old, new = before.error, after.error
    if old and not new:
        yield f"  no refusal any more (was {old.code})"
    elif new and (old is None or (old.code, old.message) != (new.code, new.message)):
        yield f"  refused, {new.code}: {new.message}"
