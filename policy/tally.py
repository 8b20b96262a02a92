"""All default pools counted: what a refusal says about them, without a `Candidate` for each.

    rows of the pools ─> those that stand    all of them, best rank first
                      ─> the nearest misses  as many as may be told
                      ─> the rest            only counted, by reason

The numbers are those of `policy.evaluate` and `policy.reasons`, which a law of the tests holds.
"""

from __future__ import annotations

from model.decisions import DISABLED, TERMINATING
from model.record import Record
from policy.ranks import name_order
from policy.reasons import reason_of
from policy.standing import holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from model.pools import DefaultPool
    from model.rules import Check
    from policy.standing import Known

    # a check that fails, or the state of a pool that lacks nothing else
    Cause = tuple[str, str, str] | str
    # order among equals, name, cause
    Miss = tuple[bytes, str, Cause]


class Tally(Record):
    """What became of many pools: the names of those that are told, and counts of the others.

    `told` are the pools that stand and the nearest misses, in natural order of name. `omitted`
    counts the others by the reason that a histogram gives.
    """

    __slots__ = ("omitted", "told")

    def __init__(self, told: Sequence[str], omitted: Mapping[str, int]) -> None:
        self.told = told
        self.omitted = omitted


def tally(known: Known, pools: Iterable[DefaultPool], most: int) -> Tally:
    """Every pool looked at once; at most `most` of those that do not stand are told."""
    told: list[tuple[bytes, str]] = []
    misses: dict[int, list[Miss]] = {}  # by distance
    for name, sort, checks, disabled, terminating in pools:
        failed, first = _failed(known, checks)
        state = TERMINATING if terminating else DISABLED if disabled else ""
        if not failed and not state:
            told.append((name_order(sort), name))
            continue
        cause = state if first is None else (first[0], first[1], first[2])
        misses.setdefault(failed + bool(state), []).append((name_order(sort), name, cause))
    counts: dict[Cause, int] = {}
    room = most
    for distance in sorted(misses):
        found = misses[distance]
        if room:
            found.sort()
        told += [(order, name) for order, name, _ in found[:room]]
        for _, _, cause in found[room:]:
            counts[cause] = counts.get(cause, 0) + 1
        room = max(room - len(found), 0)
    return Tally([name for _, name in sorted(told)], _by_reason(counts))


def _by_reason(counts: Mapping[Cause, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cause, count in counts.items():
        reason = cause if isinstance(cause, str) else reason_of((*cause, "", ()))
        found[reason] = found.get(reason, 0) + count
    return found


def _failed(known: Known, checks: Sequence[Check]) -> tuple[int, Check | None]:
    """How many checks fail, and the first that does; a check of an unknown section does not."""
    failed, first = 0, None
    for check in checks:
        _, subject, key, operator, wanted = check
        values = known[subject]
        if values is None or holds(operator, wanted, values.get(key)):
            continue
        failed += 1
        first = first or check
    known.checks_done += len(checks)
    return failed, first
