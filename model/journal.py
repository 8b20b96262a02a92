"""The journal: every change that ever happened to a lease."""

from __future__ import annotations

from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.leases import Attachment, Holder


class JournalEntry(Record):
    """One change of one lease.

    `event` is `claimed`, `taken-over`, `kept`, `released` or `reclaimed` (a resting address given
    on). `at_seconds` is UTC seconds since the epoch. `decision` is the short form of why the pool
    was chosen, or why the lease was let go of where somebody else than its attachment did so.
    `decision_id` names the kept decision that a claim came of, for `replay`; 0 for none.
    """

    __slots__ = (
        "address",
        "at_seconds",
        "attachment",
        "decision",
        "decision_id",
        "event",
        "family",
        "holder",
        "pool",
        "rules_digest",
    )

    def __init__(
        self,
        at_seconds: int,
        event: str,
        family: int,
        address: int,
        pool: str,
        attachment: Attachment,
        holder: Holder,
        rules_digest: str = "",
        decision: str = "",
        decision_id: int = 0,
    ) -> None:
        self.at_seconds = at_seconds
        self.event = event
        self.family = family
        self.address = address
        self.pool = pool
        self.attachment = attachment
        self.holder = holder
        self.rules_digest = rules_digest
        self.decision = decision
        self.decision_id = decision_id
