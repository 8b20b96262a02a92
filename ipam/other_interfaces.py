"""The other interfaces that the annotation `ippools` of a Pod lists: could they be served, too?"""

from __future__ import annotations

from ipam.deciding import decide
from ipam.gathering import free_counts, view_candidates
from model.decisions import CHOSEN, ELIGIBLE
from model.errors import DecisionError
from model.facts import PodFacts
from model.leases import KEPT
from policy.pool_annotations import ippools_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipam.request import Request
    from model.decisions import Decision
    from model.facts import Facts
    from store.store import Store


def check_other_interfaces(
    store: Store, facts: Facts, request: Request, decision: Decision
) -> None:
    """That every other interface of `ippools` could be served now, with this one served first.

    Raises the other interface's error, naming it. An interface that holds its addresses
    already, or has them kept, needs none. Nothing is held for the others: their own ADD claims.
    """
    assert isinstance(facts.pod, PodFacts)
    held = {
        lease.attachment.ifname
        for lease in store.leases.by_pod(facts.pod_namespace, facts.pod_name)
        if lease.state == KEPT or lease.attachment.container_id == request.attachment.container_id
    }
    planned: dict[str, int] = {}
    _plan(planned, decision)
    for nic in ippools_items(facts.pod):
        if nic == facts.nic or nic in held:
            continue
        try:
            theirs = facts.replace(nic=nic)
            view = view_candidates(store, theirs, request)
            free = free_counts(store, view.pools)
            for name, count in planned.items():
                free[name] = free.get(name, 0) - count
            _plan(planned, decide(theirs, view.candidates.source, view.pools, free))
        except DecisionError as error:
            raise type(error)(
                f"interface {nic}, which `ippools` lists, could not be served: {error.message}",
                error.hint,
                code=error.code,
                decision=error.decision,
            ) from error


def _plan(planned: dict[str, int], decision: Decision) -> None:
    """Count one address off the pool that each family of the decision would take it from."""
    for family in decision.families:
        best = next((c.pool for c in family.candidates if c.outcome in (CHOSEN, ELIGIBLE)), None)
        if best is not None:
            planned[best] = planned.get(best, 0) + 1
