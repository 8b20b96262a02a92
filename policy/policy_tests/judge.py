"""Whether a decision is what a policy test expects, and where it is not, why it came out so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from model.addresses import address_text
from model.decisions import (
    CHOSEN,
    DISABLED,
    ELIGIBLE,
    EXHAUSTED,
    FILTERED,
    TERMINATING,
    UNDECIDED,
    Candidate,
    Decision,
)
from model.errors import CODES
from model.ranges import parse_address
from model.spans import Span
from policy.policy_tests.case import Expected
from policy.reasons import nearest_misses, why_not
from policy.select import describe

NOTHING = "nothing"
NO_MATCH = CODES["NoMatchingPoolError"][0]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One key of `expect` that did not come out. `expected` and `actual` are one line each."""

    key: str
    expected: str
    actual: str
    span: Span


def judge(expected: Expected, decision: Decision) -> list[Mismatch]:
    """Everything that did not come out as expected; empty where the test passes."""
    return [
        Mismatch(key, wanted, actual, expected.spans[key])
        for key, wanted, actual in _compared(expected, decision)
        if wanted != actual
    ]


def chosen_of(decision: Decision) -> list[str]:
    """The chosen pool of each family; none where the Pod is refused."""
    if decision.error is not None:
        return []
    return [c.pool for c in _candidates(decision) if c.outcome == CHOSEN]


def matching_of(decision: Decision) -> list[str]:
    """The pools that match, whether full or not, in order."""
    matching = (CHOSEN, ELIGIBLE, EXHAUSTED)
    return [c.pool for c in _candidates(decision) if c.outcome in matching]


def reasons_of(candidate: Candidate) -> list[str]:
    """Why the pool is out: the fields of its failing checks, or what became of it; sorted."""
    if candidate.outcome == FILTERED:
        return sorted({check.field for check in candidate.failed})
    out = (EXHAUSTED, DISABLED, TERMINATING, UNDECIDED)
    return [candidate.outcome] if candidate.outcome in out else []


def refusals_of(decision: Decision) -> list[str]:
    """Why the pools of a refused Pod are out, all of them together; sorted."""
    if decision.error is None:
        return []
    return sorted({reason for c in _candidates(decision) for reason in reasons_of(c)})


def _compared(expected: Expected, decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Each key that is written, what it wants, and what came out, equal where it holds."""
    if expected.pool is not None:
        yield "pool", _said(expected.pool), _said(chosen_of(decision))
    if expected.pools is not None:
        yield "pools", _said(expected.pools), _said(matching_of(decision))
    if expected.address is not None:
        yield "address", *_addresses(expected.address, decision)
    for pool, reasons in (expected.filtered or {}).items():
        yield (
            "filtered",
            f"{pool}: {_said(sorted(set(reasons)))}",
            f"{pool}: {_out(pool, decision)}",
        )
    if expected.refused is not None:
        actual = refusals_of(decision)
        said = _said(actual) if decision.error else f"got {_said(chosen_of(decision))}"
        yield "refused", _said(sorted(set(expected.refused))), said
    if expected.error is not None:
        code = decision.error.code if decision.error else f"got {_said(chosen_of(decision))}"
        yield "error", expected.error, code


def _out(pool: str, decision: Decision) -> str:
    found = [c for c in _candidates(decision) if c.pool == pool]
    if not found:
        return "no candidate"
    return _said(reasons_of(found[0])) if reasons_of(found[0]) else found[0].outcome


def _addresses(ranges: Sequence[tuple[int, int, int]], decision: Decision) -> tuple[str, str]:
    """What is wanted and what came out: the same text where every address is of a range.

    Every family that the ranges speak of must have an address, and no other may.
    """
    wanted = _said([_range_text(*one) for one in ranges])
    given = [] if decision.error else [f.address.partition("/")[0] for f in decision.families]
    numbers = [parse_address(text) for text in given if text]
    families = {family for family, _, _ in ranges}
    inside = all(
        any(f == family and first <= number <= last for f, first, last in ranges)
        for family, number in numbers
    )
    if inside and {family for family, _ in numbers} == families:
        return wanted, wanted
    return wanted, _said([text for text in given if text])


def _range_text(family: int, first: int, last: int) -> str:
    start, end = address_text(family, first), address_text(family, last)
    return start if first == last else f"{start}-{end}"


def _said(words: Sequence[str]) -> str:
    return ", ".join(words) or NOTHING


def _candidates(decision: Decision) -> Iterator[Candidate]:
    for family in sorted(decision.families, key=lambda one: one.family):
        yield from family.candidates


def why(expected: Expected, decision: Decision) -> list[str]:
    """Why it came out so, in the words of the explanation: a line for each thing that tells."""
    named = [*(expected.pool or ()), *(expected.pools or ()), *(expected.filtered or ())]
    lines = []
    if decision.error is not None:
        message = decision.error.message
        if decision.error.code == NO_MATCH:
            message = message.partition(": ")[0]  # the pools follow, with their places
            near = [c.pool for family in decision.families for c in nearest_misses(family)]
            named = [*near, *named]
        lines.append(f"error[{decision.error.code}]: {message}")
    lines += _orders(decision)
    for pool in dict.fromkeys(named):
        lines += _of_pool(pool, decision)
    return lines


def _orders(decision: Decision) -> Iterator[str]:
    """What puts each matching pool before the next."""
    for family in decision.families:
        ranked = [c for c in family.candidates if c.rank]
        for candidate, following in pairwise(ranked):
            yield f"{candidate.pool} before {following.pool}: {candidate.order_reason}"


def _of_pool(pool: str, decision: Decision) -> Iterator[str]:
    found = [c for c in _candidates(decision) if c.pool == pool]
    if not found and decision.families:
        sources = dict.fromkeys(describe(family.source) for family in decision.families)
        yield f"{pool} is no candidate: the candidates come from {' and '.join(sources)}"
    for candidate in found:
        if candidate.rank:
            yield (
                f"{pool} is {candidate.outcome}: every check holds"
                if (candidate.outcome != UNDECIDED)
                else f"{pool} is undecided"
            )
            continue
        places = dict.fromkeys(str(check.span) for check in candidate.failed if check.span)
        where = f" (at {', '.join(places)})" if places else ""
        yield f"{pool}: {why_not(candidate)}{where}"
