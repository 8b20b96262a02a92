"""A decision and its explanation: one schema for the command line, the journal and JSON.

Decision ── FamilyDecision ── Candidate ── CheckResult
a NIC       4 or 6            a pool       one atom of its rule
"""

from __future__ import annotations

from model.record import Record
from model.rules import check_text, subject_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.rules import Check
    from model.spans import Span

CHOSEN, ELIGIBLE, EXHAUSTED = "chosen", "eligible", "exhausted"
UNDECIDED, FILTERED, DISABLED, TERMINATING = "undecided", "filtered", "disabled", "terminating"


class CheckResult(Record):
    """One check, evaluated.

    `ok` is None where the section it looks at is not known. `actual` is None where the Pod has no
    such thing; `note` then says why, if there is more to say.
    """

    __slots__ = ("actual", "check", "note", "ok", "span")

    def __init__(
        self,
        check: Check,
        ok: bool | None,
        actual: str | None,
        note: str = "",
        span: Span | None = None,
    ) -> None:
        self.check = check
        self.ok = ok
        self.actual = actual
        self.note = note
        self.span = span

    @property
    def field(self) -> str:
        """The field of the manifest that the check comes from."""
        return field_of(self.check)

    @property
    def subject(self) -> str:
        """What the check looks at, without operator and values: `pod.label["app"]`."""
        return subject_text(self.check)

    @property
    def expected(self) -> str:
        """What the rule wants, in the rule language; written when it is asked for."""
        return check_text(self.check)

    def to_json(self) -> dict[str, object]:
        """The shape of design section 6."""
        return {
            "field": self.field,
            "ok": self.ok,
            "expected": self.expected,
            "actual": self.actual,
            "note": self.note or None,
            "span": str(self.span) if self.span else None,
        }


def field_of(check: Check) -> str:
    """The field of the manifest that a check comes from."""
    return check[0] or "ipVersion"


class Candidate(Record):
    """One pool of a family and what became of it.

    `rank` is 1 for the best of the pools that are not filtered, 0 for the others. `free` is what
    was claimable before the claim, or None where nobody counted. `order_reason` says why this pool
    stands before the next one in rank, and is empty for the last.
    """

    __slots__ = ("checks", "free", "order_reason", "outcome", "pool", "rank")

    def __init__(
        self,
        pool: str,
        outcome: str,
        rank: int,
        free: int | None,
        checks: Sequence[CheckResult],
        order_reason: str = "",
    ) -> None:
        self.pool = pool
        self.outcome = outcome
        self.rank = rank
        self.free = free
        self.checks = checks
        self.order_reason = order_reason

    @property
    def failed(self) -> list[CheckResult]:
        """The checks that do not hold."""
        return [check for check in self.checks if check.ok is False]

    def to_json(self) -> dict[str, object]:
        """The shape of design section 6."""
        return {
            "pool": self.pool,
            "outcome": self.outcome,
            "rank": self.rank or None,
            "free": self.free,
            "checks": [check.to_json() for check in self.checks],
            "beforeNext": self.order_reason or None,
        }


class FamilyDecision(Record):
    """The pools of one family, best rank first, then those filtered out, in candidate order.

    `address` is what would be claimed now, with prefix length, or empty. `omitted` counts, by the
    reason of a histogram, the pools that are out and not among `candidates`; an explanation has
    all of them there.
    """

    __slots__ = ("address", "candidates", "family", "omitted", "source")

    def __init__(
        self,
        family: int,
        source: str,
        candidates: Sequence[Candidate],
        address: str = "",
        omitted: Mapping[str, int] | None = None,
    ) -> None:
        self.family = family
        self.source = source
        self.candidates = candidates
        self.address = address
        self.omitted = omitted or {}

    @property
    def considered(self) -> int:
        """How many pools were looked at."""
        return len(self.candidates) + sum(self.omitted.values())

    def to_json(self) -> dict[str, object]:
        """The shape of design section 6."""
        return {
            "family": self.family,
            "source": self.source,
            "candidates": [candidate.to_json() for candidate in self.candidates],
            "address": self.address or None,
        }


class Refusal(Record):
    """Why there is no address: a stable code, one line, and what to do next."""

    __slots__ = ("code", "hint", "message")

    def __init__(self, code: str, message: str, hint: str) -> None:
        self.code = code
        self.message = message
        self.hint = hint

    def to_json(self) -> dict[str, object]:
        """The shape of design section 6."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class Decision(Record):
    """Which pools an interface may use, best first, and why; `error` where it may use none.

    `notes` are lines about addresses that the Pod had before: which it keeps, which it gives up.
    """

    __slots__ = ("error", "families", "network", "nic", "node", "notes", "pod")

    def __init__(
        self,
        pod: str,
        nic: str,
        network: str,
        node: str,
        families: Sequence[FamilyDecision],
        error: Refusal | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.pod = pod
        self.nic = nic
        self.network = network
        self.node = node
        self.families = families
        self.error = error
        self.notes = notes

    def to_json(self) -> dict[str, object]:
        """The shape of design section 6."""
        return {
            "pod": self.pod or None,
            "nic": self.nic,
            "network": self.network or None,
            "node": self.node,
            "families": [family.to_json() for family in self.families],
            "notes": list(self.notes),
            "error": self.error.to_json() if self.error else None,
        }
