"""ADD: the stored answer again, or the tenant's address back, or decide and claim."""

from __future__ import annotations

from ipam.deciding import propose, refused
from ipam.execute import execute_one
from model.errors import StoreBusyError
from model.leases import Claim, Claimed, Existing, NoneLeft, Stale, TakeOver
from model.record import Record
from policy.reasons import refusal_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipam.request import Request
    from model.leases import Lease
    from store.store import Store

ATTEMPTS = 8  # how often a decision is repeated because somebody changed the rules meanwhile


class Allocation(Record):
    """The leases of an interface, IPv4 first. `how` is `claimed`, `repeated` or `taken-over`."""

    __slots__ = ("how", "leases")

    def __init__(self, leases: Sequence[Lease], how: str) -> None:
        self.leases = leases
        self.how = how


def allocate(store: Store, request: Request, now_seconds: int) -> Allocation:
    """The addresses of the requested interface: one of each family it has pools for, or none.

    Repeating a request gives the stored answer; a Pod that the runtime put into a new sandbox gets
    its addresses back. Raises a `DecisionError` where no address may be had, `StoreBusyError`
    where the store is not to be had in time; neither leaves a lease behind. Safe to call from any
    number of processes at once.
    """
    held = store.leases.by_attachment(request.attachment)
    if held:
        return Allocation(held, "repeated")
    if request.holder.tenant and store.leases.by_tenant(request.holder.tenant):
        take_over = TakeOver(request.attachment, request.holder)
        outcome = execute_one(store, take_over, now_seconds)
        if isinstance(outcome, Existing):
            return Allocation(outcome.leases, "taken-over")
    for _ in range(ATTEMPTS):
        proposal = propose(store, request)
        claim = Claim(request.attachment, request.holder, proposal.claims, proposal.rules_digest)
        outcome = execute_one(store, claim, now_seconds)
        if isinstance(outcome, Claimed):
            return Allocation(outcome.leases, "claimed")
        if isinstance(outcome, Existing):
            return Allocation(outcome.leases, "repeated")
        if isinstance(outcome, NoneLeft):
            refusal = refusal_of(proposal.decision, only_family=outcome.family)
            assert refusal is not None
            raise refused(proposal.decision.replace(error=refusal), refusal)
        assert isinstance(outcome, Stale)
    raise StoreBusyError("the pools keep changing", "try again")
