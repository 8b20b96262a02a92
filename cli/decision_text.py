"""A decision as people read it: the chosen pool first, then why each other pool lost.

up to FEW candidates    every check of each
up to MANY              the chosen pool's checks, and those that the others fail
more                    the best, how many fail for which reason, and the nearest misses
"""

from __future__ import annotations

import click

from model.decisions import CHOSEN, ELIGIBLE, EXHAUSTED, UNDECIDED
from policy.reasons import (
    MOST_REASONS,
    NEAREST,
    best,
    capped,
    deciding,
    histogram,
    how_far,
    how_to_supply,
    is_summed_up,
    nearest_misses,
)
from policy.select import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.decisions import Candidate, CheckResult, Decision, FamilyDecision, Refusal

    # reason and number of pools
    Counts = Sequence[tuple[str, int]]

FEW = 4  # up to so many candidates are shown with every check
COLOURS = {CHOSEN: "green", ELIGIBLE: "cyan", EXHAUSTED: "yellow"}
MARKS = {True: "ok  ", False: "FAIL", None: "?   "}
ALL = "  --all shows every check of every pool"


def decision_text(
    decision: Decision, everything: bool = False, counts: Mapping[int, Counts] | None = None
) -> str:
    """The whole explanation; `everything` lists every candidate, however many there are.

    `counts` has the histogram of families of which the decision does not hold all candidates.
    """
    lines = [_head(decision), *(f"  note: {note}" for note in decision.notes)]
    for family in decision.families:
        lines += ["", *_family(family, everything, (counts or {}).get(family.family))]
    if decision.error:
        lines += ["", *_error(decision.error)]
    return "\n".join(lines)


def candidate_text(candidate: Candidate, address: str = "", *, whole: bool = True) -> str:
    """One candidate with its checks: all of them if `whole`, else those that tell."""
    return "\n".join(_candidate(candidate, address, whole)).removeprefix("  ").replace("\n  ", "\n")


def check_text(check: CheckResult) -> str:
    """One check in a line, with what there is and where it was written."""
    return _check(check).strip()


def cost_text(costs: Mapping[str, int | None]) -> str:
    """How many checks a decision takes, which does not depend on the machine."""
    text = f"cost: {costs['naive']} checks, by looking at every candidate"
    by_index = costs.get("index")
    return text if by_index is None else f"{text}; {by_index} by the index"


def _error(error: Refusal) -> list[str]:
    """The refusal; of one that every check above explains, the summary alone."""
    message, hint = error.message, error.hint
    if error.code == "no-matching-pool":
        message, hint = message.partition(": ")[0], hint.partition(";")[0]
    headline = click.style(f"error[{error.code}]", fg="red", bold=True) + f": {message}"
    return [headline, *([f"  hint: {hint}"] if hint else [])]


def _head(decision: Decision) -> str:
    return (
        f"Pod {decision.pod or '<none>'}, interface {decision.nic}, "
        f"network {decision.network or '<none>'}, node {decision.node or '<none>'}"
    )


def _family(family: FamilyDecision, everything: bool, counts: Counts | None) -> list[str]:
    total = sum(count for _, count in counts) if counts else len(family.candidates)
    noun = "candidate" if total == 1 else "candidates"
    head = f"IPv{family.family}: {total} {noun} from {describe(family.source)}"
    if everything or total <= FEW:
        return [head, *_listed(family.candidates, family, whole=True)]
    if counts or is_summed_up(family):
        return [head, *_summed_up(family, counts or histogram(family))]
    return [head, *_listed(family.candidates, family), ALL]


def _listed(
    candidates: Sequence[Candidate], family: FamilyDecision, *, whole: bool = False
) -> list[str]:
    """Each of the candidates, and what puts it before the next."""
    lines: list[str] = []
    for place, candidate in enumerate(candidates):
        lines += _candidate(candidate, family.address, whole)
        if candidate.order_reason and place + 1 < len(candidates):
            after = candidates[place + 1].pool
            lines.append(f"  {candidate.pool} before {after}: {candidate.order_reason}")
    return lines


def _summed_up(family: FamilyDecision, counts: Counts) -> list[str]:
    """What fits a screen: every candidate is counted in exactly one row."""
    lines = [*_listed(best(family), family), *_behind(family)]
    lines.append("  all candidates, by outcome or by the first check that fails:")
    rows = capped(counts, MOST_REASONS)
    lines += [f"    {count:>7} {reason}" for reason, count in rows]
    near = nearest_misses(family)
    if near:
        lines.append("  nearest misses:")
    for candidate in near:
        lines.append(f"    {candidate.pool}: {how_far(candidate)}")
        lines += [f"  {_check(check)}" for check in candidate.failed]
    return [*lines, ALL]


def _behind(family: FamilyDecision) -> list[str]:
    """The pool that decides, where it stands behind the best, which are full then."""
    decides = deciding(family)
    if decides is None or decides.rank <= NEAREST:
        return []
    between = decides.rank - NEAREST - 1
    more = [f"  and {between} more that {'is' if between == 1 else 'are'} exhausted"]
    return [*(more if between else []), *_candidate(decides, family.address, whole=False)]


def _candidate(candidate: Candidate, address: str, whole: bool) -> list[str]:
    word = click.style(candidate.outcome, fg=COLOURS.get(candidate.outcome, "red"))
    parts = [f"  {candidate.pool}: {word}"]
    if candidate.outcome == CHOSEN and address:
        parts.append(f"would get {address}")
    if candidate.free is not None:
        parts.append(f"{candidate.free} free")
    shown = candidate.checks if whole or candidate.outcome == CHOSEN else _telling(candidate)
    lines = [", ".join(parts), *(_check(check) for check in shown)]
    if candidate.outcome == UNDECIDED:
        missing = dict.fromkeys(how_to_supply(c) for c in candidate.checks if c.ok is None)
        lines += [f"    to decide: {hint}" for hint in missing]
    return lines


def _telling(candidate: Candidate) -> list[CheckResult]:
    """The checks that keep a pool from being chosen: none of one that merely ranks behind."""
    if candidate.outcome == UNDECIDED:
        return [check for check in candidate.checks if check.ok is None]
    return candidate.failed


def _check(check: CheckResult) -> str:
    has = f'has "{check.actual}"' if check.actual is not None else (check.note or "has none")
    where = f"  ({check.span})" if check.span else ""
    return f"    {MARKS[check.ok]} {check.field}: wants {check.expected}, {has}{where}"
