"""EXPLAIN: the decision a Pod's interface would get now, with every reason, claiming nothing."""

from __future__ import annotations

from ipam.other_interfaces import check_take_over
from ipam.proposing import propose
from ipam.takeover import why_given_up
from ipam.tenancy import holder_of, pod_of
from model.addresses import address_text
from model.decisions import CHOSEN, ELIGIBLE, Candidate, Decision, FamilyDecision, Refusal
from model.errors import DecisionError
from model.facts import PodFacts, Unknown
from model.leases import BOUND, RESTING, stateful_set_of
from policy.networks import NetworkAnnotationError, nic_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipam.request import Request
    from model.leases import Holder, Lease
    from store.store import Store


def explain(store: Store, request: Request, now_seconds: int) -> Decision:
    """The decision with free counts, spans and the address each family would get.

    Where the Pod would get back what its tenant holds, `address` is that, its pool is `chosen` if
    it is a candidate, and `notes` say so; they also name what it would give up. Never raises a
    `DecisionError`: a refusal stands in `error`, with `families` as far as known.
    """
    pod = pod_of(store, request)
    holder = holder_of(store, request, pod)
    held = store.leases.by_tenant(holder.tenant)
    decision = _decided(store, request, now_seconds)
    holds = () if held else _holds(store, request)
    decision = decision.replace(
        notes=(*decision.notes, *holds, *_no_such_nic(pod, request)),
    )
    if not held or (isinstance(pod, PodFacts) and pod.ended):
        return decision
    try:
        reason = why_given_up(store, request, holder, held)
        if not reason:
            check_take_over(store, request, held)
    except DecisionError as error:
        shown = error.decision or decision  # that of another interface, where it is to blame
        families = [family.replace(address="") for family in shown.families]
        return shown.replace(families=families, notes=decision.notes, error=_refusal(error))
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


def _no_such_nic(pod: PodFacts | Unknown | None, request: Request) -> list[str]:
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


def _decided(store: Store, request: Request, now_seconds: int) -> Decision:
    """The decision of a Pod that holds nothing."""
    try:
        decision = propose(store, request, explaining=True).decision
    except DecisionError as error:
        if error.decision is not None:
            return error.decision.replace(error=_refusal(error))
        attachment = request.attachment
        return Decision(
            request.pod_text, attachment.ifname, "", attachment.node, (), _refusal(error)
        )
    families = [_with_address(store, family, now_seconds) for family in decision.families]
    return decision.replace(families=families)


def _refusal(error: DecisionError) -> Refusal:
    return Refusal(error.code, error.message, error.hint)


def _with_address(store: Store, family: FamilyDecision, now_seconds: int) -> FamilyDecision:
    chosen = next((c.pool for c in family.candidates if c.outcome == CHOSEN), "")
    record = store.pools.get(chosen) if chosen else None
    address = store.leases.next_free(chosen, now_seconds) if record else None
    if record is None or address is None:
        return family
    text = f"{address_text(family.family, address)}/{record.serving.prefix_bits}"
    return family.replace(address=text)


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
