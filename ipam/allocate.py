"""ADD: the stored answer again, or the tenant's address back, or decide and claim."""

from __future__ import annotations

from ipam.deciding import refused
from ipam.evidence import evidence_text
from ipam.execute import execute_one
from ipam.gathering import gather_for_claim
from ipam.letting_go import by_pool, freed_by
from ipam.other_interfaces import check_take_over
from ipam.proposing import propose, widen
from ipam.takeover import why_given_up
from ipam.tenancy import holder_of
from model.errors import DecisionError, StoreBusyError, UnknownFactsError
from model.facts import PodFacts
from model.leases import (
    RESTING,
    Claim,
    Claimed,
    Existing,
    NoneLeft,
    Stale,
    TakeOver,
)
from model.record import Record
from policy.reasons import refusal_of
from policy.routes import ROUTES, routes_not_given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipam.gathering import Gathered
    from ipam.proposing import Proposal
    from ipam.request import Request
    from model.facts import Facts
    from model.leases import Holder, Lease
    from store.store import Store

ATTEMPTS = 8  # how often a decision is repeated because somebody changed the store meanwhile


class Allocation(Record):
    """The leases of an interface, IPv4 first. `how` is `claimed`, `repeated` or `taken-over`.

    `remarks` are lines for the log: what the Pod asked for and does not get.
    """

    __slots__ = ("how", "leases", "remarks")

    def __init__(self, leases: Sequence[Lease], how: str, remarks: Sequence[str] = ()) -> None:
        self.leases = leases
        self.how = how
        self.remarks = remarks


def allocate(
    store: Store, request: Request, now_seconds: int, *, may_wait: bool = False
) -> Allocation:
    """The addresses of the requested interface: one of each family it has pools for, or none.

    Repeating a request gives the stored answer; a Pod that the runtime put into a new sandbox gets
    its addresses back, and so does the next Pod of a StatefulSet's ordinal, on the conditions of
    `ipam.takeover`. A Pod that has ended gets none, and takes none over. Raises a `DecisionError`
    where no address may be had, `StoreBusyError` where the store is not to be had in time; neither
    leaves a new lease behind, or lets go of an old one. A refusal is kept for `explain --last`, but
    not where facts are missing and the caller may wait for them, which is no answer yet.
    Safe to call from any number of processes at once.
    """
    held = store.leases.by_attachment(request.attachment)
    if held:
        return Allocation(held, "repeated")
    for _ in range(ATTEMPTS):
        gathered = gather_for_claim(store, request)
        try:
            done = _attempt(store, request, gathered, now_seconds)
        except DecisionError as error:
            if not (may_wait and isinstance(error, UnknownFactsError)):
                from ipam.refusals import keep_refusal  # noqa: PLC0415 - a refusal alone needs it

                keep_refusal(store, request, gathered, error, now_seconds)
            raise
        if done is not None:
            return _with_remarks(done, gathered.facts, request)
    raise StoreBusyError("the pools keep changing", "try again")


def _attempt(
    store: Store, request: Request, gathered: Gathered, now_seconds: int
) -> Allocation | None:
    """What the tenant gets back, or a new claim; None if something changed meanwhile."""
    facts = gathered.facts
    holder = holder_of(store, request, facts.pod)
    ended = isinstance(facts.pod, PodFacts) and facts.pod.ended
    held = [] if ended else store.leases.by_tenant(holder.tenant)
    reason = _why_anew(store, request, facts, holder, held) if held else ""
    if held and not reason:
        return _take_over(store, request, facts, holder, held, now_seconds)
    return _claim(store, request, gathered, holder, held, reason, now_seconds)


def _why_anew(
    store: Store, request: Request, facts: Facts, holder: Holder, held: Sequence[Lease]
) -> str:
    """Why the tenant does not get back what it holds, in a line; empty if it does."""
    if request.addresses:
        from ipam.requested import why_other_address  # noqa: PLC0415 - see below

        reason = why_other_address(request, held)
        if reason:
            return reason
    return why_given_up(store, request, facts, holder, held)


def _with_remarks(done: Allocation, facts: Facts, request: Request) -> Allocation:
    """The allocation, saying which routes that the Pod asks for lead out of none of its subnets."""
    pod = facts.pod
    if done.how != "claimed" or not isinstance(pod, PodFacts) or ROUTES not in pod.annotations:
        return done
    given = [route for lease in done.leases for route in lease.answer.routes]
    remarks = routes_not_given(pod.annotations, request.attachment.ifname, given)
    return done.replace(remarks=remarks)


def _take_over(
    store: Store,
    request: Request,
    facts: Facts,
    holder: Holder,
    held: Sequence[Lease],
    now_seconds: int,
) -> Allocation | None:
    """What the tenant holds, bound to this attachment; None if that changed meanwhile."""
    check_take_over(store, request, facts, held)
    operation = TakeOver(request.attachment, holder, [lease.revision for lease in held])
    outcome = execute_one(store, operation, now_seconds)
    return Allocation(outcome.leases, "taken-over") if isinstance(outcome, Existing) else None


def _claim(
    store: Store,
    request: Request,
    gathered: Gathered,
    holder: Holder,
    given_up: Sequence[Lease],
    reason: str,
    now_seconds: int,
) -> Allocation | None:
    """A new decision, claimed while what the tenant gives up goes; None if something changed."""
    letting_go = () if all(lease.state == RESTING for lease in given_up) else given_up
    freed = by_pool(freed_by(store, letting_go))
    proposal: Proposal | None = propose(store, request, gathered, freed=freed)
    while proposal is not None:
        claim = Claim(
            request.attachment,
            holder,
            proposal.claims,
            proposal.rules_digest,
            letting_go,
            reason,
            _evidence(request, gathered.facts, proposal),
        )
        outcome = execute_one(store, claim, now_seconds)
        if isinstance(outcome, Claimed):
            return Allocation(outcome.leases, "claimed")
        if isinstance(outcome, Existing):
            return Allocation(outcome.leases, "repeated")
        if isinstance(outcome, Stale):
            return None
        assert isinstance(outcome, NoneLeft)
        family = outcome.family
        if family in request.addresses:
            from ipam.requested import unavailable  # noqa: PLC0415 - few calls ask for addresses

            raise unavailable(store, request, proposal.decision, family)
        proposal = widen(
            store, request, gathered.facts, proposal, family, may_skip_full=not letting_go
        )
    raise _none_left(store, request, gathered, family)


def _evidence(request: Request, facts: Facts, proposal: Proposal) -> str:
    view, families = proposal.view, proposal.decision.families
    judged = [
        (one, [pool.rules for pool in view.pools[one.family]], one.family not in view.shortlists)
        for one in families
    ]
    asked = [one.family for one in families]
    return evidence_text(facts, request, asked, view.candidates.source, judged)


def _none_left(store: Store, request: Request, gathered: Gathered, family: int) -> DecisionError:
    """The error of a claim that found every pool of a family full, with free counts."""
    try:
        decision = propose(store, request, gathered, counting=True, summary=True).decision
    except DecisionError as error:
        return error
    refusal = refusal_of(decision, only_family=family)  # somebody let go meanwhile
    assert refusal is not None
    return refused(decision.replace(error=refusal), refusal)
