"""A decision as people read it: the chosen pool first, then why each other pool lost."""

from __future__ import annotations

import click

from model.decisions import (
    CHOSEN,
    ELIGIBLE,
    EXHAUSTED,
    Candidate,
    CheckResult,
    Decision,
    FamilyDecision,
    Refusal,
)
from policy.reasons import histogram, nearest_misses, why_not
from policy.select import describe

MANY = 12  # more candidates than this are summed up, unless all are asked for
COLOURS = {CHOSEN: "green", ELIGIBLE: "cyan", EXHAUSTED: "yellow"}


def decision_text(decision: Decision, everything: bool = False) -> str:
    """The whole explanation; `everything` lists every candidate, however many there are."""
    lines = [_head(decision), *(f"  note: {note}" for note in decision.notes)]
    for family in decision.families:
        lines += ["", *_family(family, everything)]
    if decision.error:
        lines += ["", *_error(decision.error)]
    return "\n".join(lines)


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


def _family(family: FamilyDecision, everything: bool) -> list[str]:
    total = len(family.candidates)
    noun = "candidate" if total == 1 else "candidates"
    lines = [f"IPv{family.family}: {total} {noun} from {describe(family.source)}"]
    if everything or total <= MANY:
        for candidate in family.candidates:
            lines += _candidate(candidate, family.address)
        return lines
    for candidate in [c for c in family.candidates if c.rank][:3]:
        lines += _candidate(candidate, family.address)
    lines.append(f"  of {total} pools:")
    lines += [f"    {count:>7} {reason}" for reason, count in histogram(family)]
    near = nearest_misses(family)
    if near:
        lines.append("  nearest misses (--all lists every pool):")
        lines += [f"    {c.pool}: {why_not(c)}" for c in near]
    return lines


def _candidate(candidate: Candidate, address: str) -> list[str]:
    word = click.style(candidate.outcome, fg=COLOURS.get(candidate.outcome, "red"))
    parts = [f"  {candidate.pool}: {word}"]
    if candidate.outcome == CHOSEN and address:
        parts.append(f"would get {address}")
    if candidate.free is not None:
        parts.append(f"{candidate.free} free")
    lines = [", ".join(parts)]
    lines += [_check(check) for check in candidate.checks]
    if candidate.order_reason:
        lines.append(f"      before the next one: {candidate.order_reason}")
    return lines


def _check(check: CheckResult) -> str:
    mark = {True: "ok  ", False: "FAIL", None: "?   "}[check.ok]
    has = f'has "{check.actual}"' if check.actual is not None else (check.note or "has none")
    where = f"  ({check.span})" if check.span else ""
    return f"    {mark} {check.field}: wants {check.expected}, {has}{where}"
