"""The first thing in which two decisions differ, down to the check that makes the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.decisions import CHOSEN, ELIGIBLE, EXHAUSTED
from policy.select import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from model.decisions import Candidate, CheckResult, Decision, FamilyDecision

FITS = (CHOSEN, ELIGIBLE, EXHAUSTED)  # outcomes of pools whose every check holds


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two decisions says of the pool, and of the check if one is to blame."""

    outcome: str
    expected: str | None = None
    actual: str | None = None
    note: str | None = None
    span: str | None = None

    def to_json(self) -> dict[str, object]:
        """The shape of docs/decisions.md."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` says it in a line. `family` is None and `pool` empty where no single one is to blame.

    `field` names the check that decides it, or is empty.
    """

    what: str
    family: int | None = None
    pool: str = ""
    field: str = ""
    then: Side | None = None
    now: Side | None = None

    def to_json(self) -> dict[str, object]:
        """The shape of docs/decisions.md."""
        return {
            "what": self.what,
            "family": self.family,
            "pool": self.pool or None,
            "field": self.field or None,
            "then": self.then.to_json() if self.then else None,
            "now": self.now.to_json() if self.now else None,
        }


def difference_of_records(
    recorded: Sequence[Mapping[str, Any]], again: Decision
) -> Difference | None:
    """Where pools that were judged again come out otherwise than was recorded of them."""
    for told, family in zip(recorded, again.families, strict=True):
        judged = {candidate.pool: candidate for candidate in family.candidates}
        for pool in told["pools"]:
            found = _of_record(family.family, pool, judged[pool["pool"]])
            if found:
                return found
    return None


def _of_record(family: int, told: Mapping[str, Any], now: Candidate) -> Difference | None:
    name = now.pool
    for place, check in enumerate(now.checks):
        before = False if place in told["failed"] else None if place in told["unknown"] else True
        if before is not check.ok:
            then = Side(told["outcome"], check.expected, note=f"which {_held(before)}")
            what = f"pool {name} is judged otherwise: {check.field} {_held(before)} then"
            return Difference(what, family, name, check.field, then, _side(now, check))
    then = Side(told["outcome"])
    if told["outcome"] != now.outcome:
        what = f"pool {name} was {told['outcome']}, and is {now.outcome}"
        return Difference(what, family, name, "", then, _side(now))
    if told["rank"] != (now.rank or None):
        what = f"pool {name} had rank {told['rank']}, and has {now.rank or None}"
        return Difference(what, family, name, "", then, _side(now))
    return None


def _held(ok: bool | None) -> str:
    return {True: "held", False: "failed", None: "could not be decided"}[ok]


def difference_of_decisions(
    then: Decision, now: Decision, claims: Sequence[tuple[int, str, str]]
) -> Difference | None:
    """Where a decision of now comes to another choice; `claims` has the pools chosen then."""
    of_now = {family.family: family for family in now.families}
    claimed = {family: pool for family, pool, _ in claims}
    for family in then.families:
        other = of_now.pop(family.family, None)
        if other is None:
            return _other_answer(then, now, family.family)
        found = _of_family(family, other, claimed.get(family.family) or _choice(family))
        if found:
            return found
    if (then.error and then.error.code) != (now.error and now.error.code) or of_now:
        return _other_answer(then, now, next(iter(of_now), None))
    return None


def _other_answer(then: Decision, now: Decision, family: int | None) -> Difference:
    def told(decision: Decision) -> str:
        if decision.error:
            return f"refused with `{decision.error.code}` ({decision.error.message})"
        families = " and ".join(f"IPv{one.family}" for one in decision.families)
        return f"an address of {families or 'no family'}"

    return Difference(f"then {told(then)}, now {told(now)}", family)


def _of_family(then: FamilyDecision, now: FamilyDecision, chosen: str) -> Difference | None:
    number = then.family
    if then.source != now.source:
        what = f"candidates came from {describe(then.source)}, and come from {describe(now.source)}"
        return Difference(what, number)
    judged = {candidate.pool: candidate for candidate in now.candidates}
    for candidate in then.candidates:
        found = _of_pool(number, candidate, judged.get(candidate.pool))
        if found:
            return found
    return _of_choice(now, {candidate.pool for candidate in then.candidates}, chosen)


def _of_pool(family: int, then: Candidate, now: Candidate | None) -> Difference | None:
    """Whether the pool fits, then and now; which of those that fit is chosen is another matter."""
    name = then.pool
    if now is None:
        if not then.rank:
            return None
        what = f"pool {name} was {then.outcome}, and is no candidate any more"
        return Difference(what, family, name, "", _side(then))
    if then.outcome == now.outcome or (then.outcome in FITS and now.outcome in FITS):
        return None
    what = f"pool {name} was {then.outcome}, and is {now.outcome} now"
    here, there = _telling(then, now)
    field = (there or here).field if there or here else ""  # type: ignore[union-attr]
    return Difference(what, family, name, field, _side(then, here), _side(now, there))


def _telling(then: Candidate, now: Candidate) -> tuple[CheckResult | None, CheckResult | None]:
    """The check that holds in one of the two alone, as each of them has it."""
    for check in now.checks:
        other = _same(check, then)
        if check.ok is not True and (other is None or other.ok is not check.ok):
            return other, check
    for check in then.checks:
        other = _same(check, now)
        if check.ok is not True and (other is None or other.ok is not check.ok):
            return check, other
    return None, None


def _same(check: CheckResult, candidate: Candidate) -> CheckResult | None:
    """The candidate's check of the same field that looks at the same thing."""
    for other in candidate.checks:
        if (other.field, other.subject) == (check.field, check.subject):
            return other
    return None


def _of_choice(now: FamilyDecision, known: set[str], chosen: str) -> Difference | None:
    """Another choice among pools that fit then as they do now."""
    choice = next((c for c in now.candidates if c.outcome == CHOSEN), None)
    if choice is None or choice.pool == chosen or not chosen:
        return None
    before = next((c for c in now.candidates if c.pool == chosen), None)
    then = Side(CHOSEN)
    if before is not None and before.outcome == EXHAUSTED:
        what = f"pool {chosen} was chosen, and is full now; the next one is {choice.pool}"
        return Difference(what, now.family, chosen, "", then, _side(before))
    if choice.pool not in known:
        what = f"pool {choice.pool} is chosen now; it was no candidate that fits when {chosen} was"
    else:
        what = f"pool {choice.pool} is chosen now: it had no free address then, or stood behind"
    return Difference(what, now.family, choice.pool, "", None, _side(choice))


def _choice(family: FamilyDecision) -> str:
    """The pool that is chosen, or the best where nobody counted addresses; empty for none."""
    return next((c.pool for c in family.candidates if c.outcome in (CHOSEN, ELIGIBLE)), "")


def _side(candidate: Candidate, check: CheckResult | None = None) -> Side:
    if check is None:
        return Side(candidate.outcome)
    return Side(
        candidate.outcome,
        check.expected,
        check.actual,
        check.note or None,
        str(check.span) if check.span else None,
    )
