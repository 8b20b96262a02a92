"""EXPLAIN: the decision a Pod's interface would get now, with every reason, claiming nothing."""

from __future__ import annotations

from ipam.gathering import gather_for_claim
from ipam.letting_go import by_pool, freed_by
from ipam.other_interfaces import check_take_over
from ipam.proposing import propose
from ipam.takeover import why_given_up
from ipam.tenancy import holder_of
from model.addresses import address_text
from model.decisions import (
    CHOSEN,
    ELIGIBLE,
    Candidate,
    CheckResult,
    Decision,
    FamilyDecision,
    Refusal,
)
from model.errors import DecisionError
from model.facts import PodFacts, Unknown
from model.leases import BOUND, RESTING, stateful_set_of
from policy.networks import NetworkAnnotationError, nic_names
from policy.reasons import is_summed_up, named_in_summary
from policy.routes import ROUTES, pod_routes, routes_not_given, routes_within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipam.gathering import Gathered
    from ipam.request import Request
    from model.leases import Holder, Lease
    from store.store import Store


def explain(
    store: Store, request: Request, now_seconds: int, *, everything: bool = True
) -> Decision:
    """The decision with free counts, spans and the address each family would get.

    Where the Pod would get back what its tenant holds, `address` is that, its pool is `chosen` if
    it is a candidate, and `notes` say so; they also name what it would give up, which counts as
    free. Never raises a `DecisionError`: a refusal stands in `error`, with `families` as far as
    known. Without `everything`, only the candidates that a summary names have spans.
    """
    gathered = gather_for_claim(store, request)
    pod = gathered.facts.pod
    holder = holder_of(store, request, pod)
    held = store.leases.by_tenant(holder.tenant)
    decision = _explained(store, request, now_seconds, gathered, holder, held)
    families = [with_spans(store, family, everything) for family in decision.families]
    notes = (*decision.notes, *_routes_not_given(store, pod, decision))
    return decision.replace(families=families, notes=notes)


def _routes_not_given(store: Store, pod: PodFacts | Unknown, decision: Decision) -> Sequence[str]:
    """The routes the Pod asks for that lead out of no subnet of the interface's pools."""
    if decision.error is not None or not isinstance(pod, PodFacts) or ROUTES not in pod.annotations:
        return ()
    chosen = [c.pool for f in decision.families for c in f.candidates if c.outcome == CHOSEN]
    asked = pod_routes(pod.annotations)
    given = [
        route
        for pool in store.pools.serving(chosen).values()
        for route in routes_within(asked, pool.rules.family, pool.subnet_first, pool.prefix_bits)
    ]
    return routes_not_given(pod.annotations, decision.nic, given)


def _explained(
    store: Store,
    request: Request,
    now_seconds: int,
    gathered: Gathered,
    holder: Holder,
    held: Sequence[Lease],
) -> Decision:
    pod = gathered.facts.pod
    if held and not (isinstance(pod, PodFacts) and pod.ended):
        return _of_tenant(store, request, now_seconds, gathered, holder, held)
    decision = _decided(store, request, now_seconds, gathered, ())
    holds = () if held else _holds(store, request)
    return decision.replace(notes=(*decision.notes, *holds, *_no_such_nic(pod, request)))


def _of_tenant(
    store: Store,
    request: Request,
    now_seconds: int,
    gathered: Gathered,
    holder: Holder,
    held: Sequence[Lease],
) -> Decision:
    """The decision of a Pod whose tenant holds addresses: they are kept, or given up."""
    facts = gathered.facts
    remarks = _no_such_nic(facts.pod, request)
    try:
        reason = why_given_up(store, request, facts, holder, held)
        if not reason:
            check_take_over(store, request, facts, held)
    except DecisionError as error:
        decision = _decided(store, request, now_seconds, gathered, ())
        shown = error.decision or decision  # that of another interface, where it is to blame
        families = [family.replace(address="") for family in shown.families]
        notes = (*decision.notes, *remarks)
        return shown.replace(families=families, notes=notes, error=_refusal(error))
    decision = _decided(store, request, now_seconds, gathered, held if reason else ())
    decision = decision.replace(notes=(*decision.notes, *remarks))
    if reason:
        refused = decision.error is not None
        notes = (*decision.notes, *(_gives_up(lease, reason, refused) for lease in held))
        return decision.replace(notes=notes)
    if decision.nic != request.attachment.ifname:  # refused for a claim that is not needed
        decision = decision.replace(nic=request.attachment.ifname, families=())
    return _keeping(decision, held, holder)


def _holds(store: Store, request: Request) -> list[str]:
    """What the interface has now: the same container asking again gets just that."""
    return [
        f"holds {address_text(lease.family, lease.address)} now: container "
        f"{lease.attachment.container_id} asking again gets it again"
        for lease in store.leases.by_pod(request.pod_namespace, request.pod_name)
        if request.pod_name
        and lease.state == BOUND
        and lease.attachment.ifname == request.attachment.ifname
    ]


def _no_such_nic(pod: PodFacts | Unknown, request: Request) -> list[str]:
    """A remark where the Pod's annotations know no such interface."""
    if not isinstance(pod, PodFacts):
        return []
    try:
        names = nic_names(pod.annotations)
    except NetworkAnnotationError as error:
        return [str(error)]
    if request.attachment.ifname in names:
        return []
    return [f"the Pod has no interface {request.attachment.ifname}, only {', '.join(names)}"]


def _decided(
    store: Store,
    request: Request,
    now_seconds: int,
    gathered: Gathered,
    given_up: Sequence[Lease],
) -> Decision:
    """The decision of a Pod that holds nothing, or gives up what it holds."""
    freed = freed_by(store, given_up)
    try:
        free = by_pool(freed)
        decision = propose(store, request, gathered, counting=True, freed=free).decision
    except DecisionError as error:
        if error.decision is not None:
            return error.decision.replace(error=_refusal(error))
        attachment = request.attachment
        return Decision(
            request.pod_text, attachment.ifname, "", attachment.node, (), _refusal(error)
        )
    families = [_with_address(store, one, now_seconds, freed) for one in decision.families]
    return decision.replace(families=families)


def _refusal(error: DecisionError) -> Refusal:
    return Refusal(error.code, error.message, error.hint)


def _with_address(
    store: Store, family: FamilyDecision, now_seconds: int, freed: Sequence[Lease]
) -> FamilyDecision:
    chosen = next((c.pool for c in family.candidates if c.outcome == CHOSEN), "")
    record = store.pools.get(chosen) if chosen else None
    if record is None:
        return family
    address = store.leases.next_free(chosen, now_seconds)
    if address is None:  # what the claim lets go of rests behind everything else
        address = min((lease.address for lease in freed if lease.pool == chosen), default=None)
    if address is None:
        return family
    text = f"{address_text(family.family, address)}/{record.serving.prefix_bits}"
    return family.replace(address=text)


def with_spans(store: Store, family: FamilyDecision, everything: bool) -> FamilyDecision:
    """The candidates with the manifest spans of their checks, which a claim has no use for."""
    whole = everything or not is_summed_up(family)
    named = family.candidates if whole else named_in_summary(family)
    spans = {c.pool: _spans(store, c) for c in named}
    candidates = [
        c.replace(checks=spans[c.pool]) if c.pool in spans else c for c in family.candidates
    ]
    return family.replace(candidates=candidates)


def _spans(store: Store, candidate: Candidate) -> Sequence[CheckResult]:
    record = store.pools.get(candidate.pool)
    spans = record.serving.rules.spans if record else ()
    if len(spans) != len(candidate.checks):  # deleted or changed meanwhile
        return candidate.checks
    return [check.replace(span=s) for check, s in zip(candidate.checks, spans, strict=True)]


def _gives_up(lease: Lease, reason: str, refused: bool) -> str:
    """That the lease is not taken over; a refused ADD lets go of nothing."""
    gives_up = "would give up" if refused else "gives up"
    verb = "does not take back" if lease.state == RESTING else gives_up
    return f"{verb} {address_text(lease.family, lease.address)}: {reason}"


def _keeping(decision: Decision, held: Sequence[Lease], holder: Holder) -> Decision:
    """The decision of a Pod that gets back what is held for it: nothing is chosen besides."""
    by_family = {lease.family: lease for lease in held}
    families = [_kept(family, by_family.get(family.family)) for family in decision.families]
    notes = (*decision.notes, *(_keeps(lease, holder) for lease in held))
    return decision.replace(families=families, notes=notes, error=None)


def _kept(family: FamilyDecision, lease: Lease | None) -> FamilyDecision:
    pool, address = (lease.pool, lease.answer.address) if lease else ("", "")
    candidates = [_chosen_alone(candidate, pool) for candidate in family.candidates]
    return family.replace(candidates=candidates, address=address)


def _chosen_alone(candidate: Candidate, pool: str) -> Candidate:
    if candidate.pool == pool:
        return candidate.replace(outcome=CHOSEN)
    return candidate.replace(outcome=ELIGIBLE) if candidate.outcome == CHOSEN else candidate


def _keeps(lease: Lease, holder: Holder) -> str:
    found = stateful_set_of(holder.tenant)
    whose = f"StatefulSet {found[0]}/{found[1]}" if found else f"UID {holder.pod_uid}"
    return f"keeps {address_text(lease.family, lease.address)}: {lease.state} for {whose}"
