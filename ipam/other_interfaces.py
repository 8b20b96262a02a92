"""The other interfaces that the annotation `ippools` of a Pod lists: could they be served, too?

An interface is served by what it holds, by what its tenant would get back, or by a new address of
a pool that still has one when those before it have theirs. Nothing is held for the others: their
own ADD claims.
"""

from __future__ import annotations

from ipam.deciding import decide
from ipam.gathering import free_counts, view_candidates
from ipam.letting_go import by_pool, freed_by
from ipam.takeover import why_given_up
from ipam.tenancy import holder_of
from model.decisions import CHOSEN, ELIGIBLE
from model.errors import DecisionError
from model.facts import PodFacts
from model.leases import RESTING
from policy.pool_annotations import IPPOOLS, ippools_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipam.request import Request
    from model.decisions import Decision
    from model.facts import Facts
    from model.leases import Lease
    from store.store import Store

    # Pool to the number of its free addresses that are spoken for.
    Planned = dict[str, int]


def check_take_over(store: Store, request: Request, facts: Facts, held: Sequence[Lease]) -> None:
    """`check_other_interfaces` for a request that would take over `held`.

    Nothing is checked where the Pod is not known, or has no annotation `ippools`.
    """
    if isinstance(facts.pod, PodFacts) and IPPOOLS in facts.pod.annotations:
        check_other_interfaces(store, facts, request, _taken_back(held))


def check_other_interfaces(
    store: Store,
    facts: Facts,
    request: Request,
    planned: Planned,
    freed: Mapping[str, int] | None = None,
) -> None:
    """That every other interface of `ippools` could be served now, this one with `planned` first.

    `freed` are addresses by pool that this one lets go of first. Raises the other interface's
    error, naming it.
    """
    assert isinstance(facts.pod, PodFacts)
    planned = _less(planned, freed or {})
    held = {
        lease.attachment.ifname
        for lease in store.leases.by_pod(facts.pod_namespace, facts.pod_name)
        if lease.attachment.container_id == request.attachment.container_id
    }
    for nic in ippools_items(facts.pod):
        if nic == facts.nic or nic in held:
            continue
        theirs = request.replace(attachment=request.attachment.replace(ifname=nic))
        try:
            there = facts.replace(nic=nic)
            more = _would_take_over(store, there, theirs, planned)
            if more is None:
                more = _would_claim(store, there, theirs, planned)
        except DecisionError as error:
            raise type(error)(
                f"interface {nic}, which `ippools` lists, could not be served: {error.message}",
                error.hint,
                code=error.code,
                decision=error.decision,
            ) from error
        for name, count in more.items():
            planned[name] = planned.get(name, 0) + count


def claimed_by(decision: Decision) -> Planned:
    """One address of the pool that each family of the decision would take it from."""
    planned: Planned = {}
    for family in decision.families:
        best = next((c.pool for c in family.candidates if c.outcome in (CHOSEN, ELIGIBLE)), None)
        if best is not None:
            planned[best] = planned.get(best, 0) + 1
    return planned


def _taken_back(held: Sequence[Lease]) -> Planned:
    """What a take-over needs of the free addresses: those that rest count as free until then."""
    planned: Planned = {}
    for lease in held:
        if lease.state == RESTING:
            planned[lease.pool] = planned.get(lease.pool, 0) + 1
    return planned


def _would_take_over(
    store: Store, facts: Facts, theirs: Request, planned: Planned
) -> Planned | None:
    """What the interface would need of the free addresses with what it holds; None: it cannot."""
    holder = holder_of(store, theirs, facts.pod)
    held = store.leases.by_tenant(holder.tenant)
    if not held:
        return None
    if why_given_up(store, theirs, facts, holder, held):
        freed = by_pool(freed_by(store, held))
        return _less(_would_claim(store, facts, theirs, _less(planned, freed)), freed)
    resting = _taken_back(held)
    usage = store.pools.usage(list(resting))
    for name, count in resting.items():
        if usage[name].free - planned.get(name, 0) < count:
            return None  # somebody before it gets what rests
    return resting


def _less(planned: Planned, freed: Mapping[str, int]) -> Planned:
    """What is spoken for after some addresses came free; less than none where it gives more."""
    return {
        name: planned.get(name, 0) - freed.get(name, 0)
        for name in dict.fromkeys((*planned, *freed))
    }


def _would_claim(store: Store, facts: Facts, theirs: Request, planned: Planned) -> Planned:
    """What the interface would claim; the `DecisionError` if it could not be served."""
    view = view_candidates(store, facts, theirs)
    free = free_counts(store, view.pools)
    for name, count in planned.items():
        free[name] = free.get(name, 0) - count
    return claimed_by(decide(facts, view.candidates.source, view.pools, free))
