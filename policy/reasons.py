"""Reasons in words: what a refused Pod, a CNI caller and the journal are told.

refusal_of    one line for people, with what to do next
details_of    the longer text of a CNI error: histogram and nearest misses
short_form    the choice in one line, kept with the lease
"""

from __future__ import annotations

from model.decisions import (
    CHOSEN,
    DISABLED,
    ELIGIBLE,
    EXHAUSTED,
    TERMINATING,
    UNDECIDED,
    Refusal,
    field_of,
)
from model.facts import MEND_WATCH, WATCH_BEHIND
from model.rules import subject_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.decisions import Candidate, CheckResult, Decision, FamilyDecision
    from model.rules import Check

MESSAGE_BYTES, DETAILS_BYTES = 512, 4096
NEAREST = 3  # how many pools are named one by one
MANY = 10  # more candidates than this are summed up for people
MOST_REASONS = 8  # rows of a histogram
NOT_IN_FILES = "the files hold no"  # why a section is not known where files alone are asked
UNSCHEDULED = "node of the Pod"  # the section of a Pod that is not scheduled yet


def refusal_of(decision: Decision, only_family: int | None = None) -> Refusal | None:
    """Why no family-complete choice is possible, or None if one is.

    A family fails if an undecided pool stands before its choice, if all its pools are exhausted, or
    if all are filtered out; the first such family is reported. `only_family` names a family whose
    eligible pools turned out to be full at the claim.
    """
    for family in decision.families:
        refusal = _family_refusal(decision, family, family.family == only_family)
        if refusal:
            return refusal
    return None


def _family_refusal(decision: Decision, family: FamilyDecision, full: bool) -> Refusal | None:
    ranked = [c for c in family.candidates if c.rank]
    for candidate in ranked:
        if candidate.outcome == UNDECIDED:
            return _undecided(decision, family, candidate)
        if candidate.outcome in (CHOSEN, ELIGIBLE) and not full:
            return None
    if ranked:
        return _exhausted(decision, family, ranked)
    return _filtered(decision, family)


def _subject(decision: Decision) -> str:
    return f"pod {decision.pod}" if decision.pod else "this container"


def _undecided(decision: Decision, family: FamilyDecision, candidate: Candidate) -> Refusal:
    unknown = next(check for check in candidate.checks if check.ok is None)
    return Refusal(
        "unknown-facts",
        f"cannot decide yet for {_subject(decision)}: IPv{family.family} pool {candidate.pool}, "
        f"{unknown.field} wants {unknown.expected}, but {unknown.note}",
        f"{how_to_supply(unknown)}, then try again",
    )


def _exhausted(decision: Decision, family: FamilyDecision, ranked: Sequence[Candidate]) -> Refusal:
    names = _some([candidate.pool for candidate in ranked])
    return Refusal(
        "pool-exhausted",
        f"no free IPv{family.family} address for {_subject(decision)}: every matching pool is "
        f"full ({names})",
        "add addresses to `spec.ips`, or release some (`poolweaver describe spiderippool NAME` "
        "lists the holders)",
    )


def _filtered(decision: Decision, family: FamilyDecision) -> Refusal:
    near = nearest_misses(family)
    more = family.considered - len(near)
    parts = "; ".join(f"{candidate.pool}: {why_not(candidate)}" for candidate in near)
    rest = f"; and {more} more" if more else ""
    return Refusal(
        "no-matching-pool",
        clip(
            f"no IPv{family.family} pool for {_subject(decision)}, interface {decision.nic}, "
            f"node {decision.node}: {parts}{rest}",
            MESSAGE_BYTES,
        ),
        "change the Pod's labels, node or namespace, or the pool's affinity; "
        + (
            f"`poolweaver explain pod {decision.pod}` shows every check"
            if decision.pod
            else "`poolweaver describe spiderippool NAME` shows a pool's rules"
        ),
    )


def why_not(candidate: Candidate) -> str:
    """Why a pool is out, in words: each failing check with what it wants and what the Pod has."""
    if candidate.outcome in (DISABLED, TERMINATING):
        return f"the pool is {candidate.outcome}"
    return ", and ".join(miss_text(check) for check in candidate.failed)


def miss_text(check: CheckResult) -> str:
    """One failing check: field, what the rule wants, what there is."""
    if check.actual is None:
        has = f"there is none ({check.note})" if check.note else "there is none"
    else:
        has = f'it is "{check.actual}"'
    return f"{check.field} wants {check.expected}, but {has}"


def nearest_misses(family: FamilyDecision, most: int = NEAREST) -> list[Candidate]:
    """The pools without rank with the fewest failing checks, in candidate order among equals."""
    out = [candidate for candidate in family.candidates if not candidate.rank]
    out.sort(key=_distance)
    return out[:most]


def is_summed_up(family: FamilyDecision) -> bool:
    """Whether there are too many candidates to show each of them to people."""
    return family.considered > MANY


def named_in_summary(family: FamilyDecision) -> list[Candidate]:
    """The candidates that a summary names: the best, the one that decides, the nearest misses."""
    decides = deciding(family)
    behind = [decides] if decides and decides.rank > NEAREST else []
    return [*best(family), *behind, *nearest_misses(family)]


def best(family: FamilyDecision, most: int = NEAREST) -> list[Candidate]:
    """The pools that stand, best rank first, up to `most`."""
    return [candidate for candidate in family.candidates[:most] if candidate.rank]


def deciding(family: FamilyDecision) -> Candidate | None:
    """The pool that is chosen or undecided, however many that are full stand before it."""
    return next((c for c in family.candidates if c.outcome in (CHOSEN, UNDECIDED)), None)


def how_far(candidate: Candidate) -> str:
    """How much a pool without rank lacks, in words: `1 check short`, `disabled`."""
    count = len(candidate.failed)
    short = f"{count} check{'' if count == 1 else 's'} short" if count else ""
    state = candidate.outcome if candidate.outcome in (DISABLED, TERMINATING) else ""
    return ", ".join(part for part in (state, short) if part)


def how_to_supply(check: CheckResult) -> str:
    """What to do about a check that looks at a section which is not known."""
    section = check.note.partition(" is not known")[0]
    if section == UNSCHEDULED:
        return "name the node with `--node`, or schedule the Pod"
    if WATCH_BEHIND in check.note:
        return MEND_WATCH
    if NOT_IN_FILES in check.note:
        return f"supply {section} with one more -f FILE"
    return f"supply {section} with `poolweaver apply -f FILE`"


def _distance(candidate: Candidate) -> int:
    """How many checks short; a disabled or terminating pool is one further step away."""
    return len(candidate.failed) + (candidate.outcome in (DISABLED, TERMINATING))


def histogram(family: FamilyDecision) -> list[tuple[str, int]]:
    """(reason, number of pools), most first, by the first failing field; sums to all candidates."""
    counts = dict(family.omitted)
    for candidate in family.candidates:
        failed = candidate.failed
        reason = reason_of(failed[0].check) if failed and not candidate.rank else candidate.outcome
        counts[reason] = counts.get(reason, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def reason_of(check: Check) -> str:
    """The field that a check comes from, and what it looks at where the field does not say so."""
    told = not check[2] and check[0] != "annotation"
    return field_of(check) if told else f"{field_of(check)} {subject_text(check)}"


def capped(counts: Sequence[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    """The histogram in at most `most` rows of the same sum: the last stands for all the others."""
    if len(counts) <= most:
        return list(counts)
    rest = counts[most - 1 :]
    others = (f"for {len(rest)} other reasons", sum(count for _, count in rest))
    return [*counts[: most - 1], others]


def details_of(decision: Decision) -> str:
    """At most 4 KiB: for each family the histogram and the nearest misses."""
    lines = []
    for family in decision.families:
        total = family.considered
        rows = capped(histogram(family), MOST_REASONS)
        counts = ", ".join(f"{count} {reason}" for reason, count in rows)
        noun = "pool" if total == 1 else "pools"
        lines.append(f"IPv{family.family} from {family.source}: {total} {noun}: {counts}")
        if total > NEAREST:  # fewer are all named in the message
            lines += [f"{c.pool}: {why_not(c)}" for c in nearest_misses(family)]
    return clip("\n".join(lines), DETAILS_BYTES)


def short_form(family: FamilyDecision, pool: str) -> str:
    """Why `pool` was chosen, in a line: source, rank, and the pools passed over before it.

    Says no more than whoever looked at the best pools alone knows: not how many stand behind it,
    and of more than `NEAREST` before it only that there are more.
    """
    ranked = [candidate for candidate in family.candidates if candidate.rank]
    place = next(c.rank for c in ranked if c.pool == pool)
    rank = str(place) if place <= NEAREST + 1 else f"{NEAREST + 2} or more"
    before = [f"{c.pool} {EXHAUSTED}" for c in ranked[: min(place - 1, NEAREST)]]
    checks = next(c.checks for c in ranked if c.pool == pool)
    fields = sorted({check.field for check in checks if check.field != "ipVersion"})
    matched = f" matched {','.join(fields)}" if fields else ""
    passed = f"; passed over {', '.join(before)}" if before else ""
    more = " and more" if place > NEAREST + 1 else ""
    return f"{family.source}: rank {rank}{matched}{passed}{more}"


def _some(names: Iterable[str], most: int = NEAREST) -> str:
    listed = list(names)
    rest = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + rest


def naive_cost(decision: Decision) -> int:
    """How many checks were evaluated for the decision, every check of every candidate."""
    return sum(len(c.checks) for family in decision.families for c in family.candidates)


def clip(text: str, limit_bytes: int) -> str:
    """The text, cut to at most `limit_bytes` of UTF-8, with an ellipsis where it was cut."""
    data = text.encode()
    if len(data) <= limit_bytes:
        return text
    return data[: limit_bytes - 3].decode(errors="ignore") + "..."
