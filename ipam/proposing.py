"""From a request to a proposal: the decision, and the claim that follows from it.

Reads the store, never writes to it.
"""

from __future__ import annotations

from ipam.deciding import decide
from ipam.gathering import View, free_counts, view_candidates, view_shortlist, view_summary
from ipam.other_interfaces import check_other_interfaces, claimed_by
from model.decisions import UNDECIDED
from model.errors import DecisionError
from model.facts import PodFacts
from model.leases import FamilyClaim, PoolChoice
from model.record import Record
from policy.reasons import short_form
from policy.routes import pod_routes, routes_within
from policy.select import POD_IPPOOLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipam.gathering import Gathered
    from ipam.request import Request
    from model.decisions import Decision, FamilyDecision
    from model.facts import Facts
    from model.pools import ServingPool
    from policy.routes import PodRoute
    from store.store import Store

DEFAULT_ROUTE = {4: "0.0.0.0/0", 6: "::/0"}


class Proposal(Record):
    """A decision, and the claim that follows from it.

    `claims` holds one entry a family, each with the pools to try, best first; a pool behind an
    undecided one is not among them. `rules_digest` is that of the rules which were looked at. The
    decision, like `view`, holds all candidates only where a refusal or an explanation needs them.
    """

    __slots__ = ("claims", "decision", "rules_digest", "view")

    def __init__(
        self, decision: Decision, claims: Sequence[FamilyClaim], rules_digest: str, view: View
    ) -> None:
        self.decision = decision
        self.claims = claims
        self.rules_digest = rules_digest
        self.view = view


def propose(
    store: Store,
    request: Request,
    gathered: Gathered,
    *,
    counting: bool = False,
    summary: bool = False,
    freed: Mapping[str, int] | None = None,
) -> Proposal:
    """Decide for a request. `counting` adds free counts and marks the chosen pool.

    `summary`: of default pools that are out, only the nearest misses, the others counted.
    `freed` are addresses by pool that count as free besides: the claim lets go of them. Raises a
    `DecisionError` where nothing may be chosen, with the decision where there is one. Full pools
    are found by the claim, not here, unless they are counted; `widen` has further ones then. With
    the annotation `ippools`, every other interface it lists must be servable, too.
    """
    facts = gathered.facts
    if isinstance(facts.pod, PodFacts) and facts.pod.ended:
        raise DecisionError(
            f"pod {facts.pod_text} gets no address: {facts.pod.ended}",
            "a Pod that has ended keeps none; apply the Pod again if it runs",
            code="pod-ended",
        )
    look = view_summary if summary else view_candidates if counting else view_shortlist
    if request.addresses:  # any of the pools may have an address by number
        look = view_candidates
    view = look(store, facts, request)
    free = free_counts(store, view.pools) if counting else None
    if free is not None and freed:
        free = {name: count + freed.get(name, 0) for name, count in free.items()}
    decision = decide(facts, view.candidates.source, view.pools, free, view.omitted)
    decision = decision.replace(notes=tuple(view.candidates.notes))
    if request.addresses:
        from ipam.requested import check_families  # noqa: PLC0415 - few calls ask for addresses

        check_families(request, decision)
    if view.candidates.source == POD_IPPOOLS:
        check_other_interfaces(store, facts, request, claimed_by(decision), freed or {})
    claims = _claims(facts, view, decision, request)
    return Proposal(decision, claims, gathered.rules_digest, view)


def widen(
    store: Store,
    request: Request,
    facts: Facts,
    proposal: Proposal,
    family: int,
    *,
    may_skip_full: bool = True,
) -> Proposal | None:
    """The proposal with further pools of a family whose pools are all full; None: there are none.

    `may_skip_full` is to be off where the claim itself makes room.
    """
    so_far = proposal.view.shortlists.get(family)
    if so_far is None:
        return None
    from ipam.shortlist import extend  # noqa: PLC0415 - loaded already where there is a shortlist

    longer = extend(store, facts, family, so_far, may_skip_full=may_skip_full)
    if len(longer.eligible) == len(so_far.eligible):
        return None
    view = View(
        proposal.view.candidates,
        {**proposal.view.pools, family: longer.pools},
        {**proposal.view.shortlists, family: longer},
    )
    decision = decide(facts, view.candidates.source, view.pools, None)
    claims = _claims(facts, view, decision, request)
    return Proposal(decision, claims, proposal.rules_digest, view)


def _claims(facts: Facts, view: View, decision: Decision, request: Request) -> list[FamilyClaim]:
    """One claim a family: the pools to try, up to the first undecided one."""
    assert isinstance(facts.pod, PodFacts)
    clean = request.clean_gateway
    if view.candidates.source == POD_IPPOOLS:
        clean = view.candidates.clean_gateway
    asked = pod_routes(facts.pod.annotations)
    claims = []
    for family in decision.families:
        pools = {pool.rules.name: pool for pool in view.pools[family.family]}
        choices = [
            _choice(pools[name], asked, clean, short_form(family, name))
            for name in eligible_pools(family)
        ]
        claims.append(FamilyClaim(family.family, choices, request.addresses.get(family.family)))
    return claims


def eligible_pools(family: FamilyDecision) -> list[str]:
    """The pools that may be claimed from, best first; none behind an undecided one."""
    names = []
    for candidate in family.candidates:
        if candidate.outcome == UNDECIDED:
            break
        if candidate.rank:
            names.append(candidate.pool)
    return names


def _choice(pool: ServingPool, asked: Sequence[PodRoute], clean: bool, reason: str) -> PoolChoice:
    """What the answer says: the pool's routes, then the Pod's own, then the default route."""
    family = pool.rules.family
    own = routes_within(asked, family, pool.subnet_first, pool.prefix_bits)
    routes = list(dict.fromkeys([*pool.routes, *own]))  # a route asked for twice is given once
    if pool.gateway and not clean:
        routes.append((DEFAULT_ROUTE[family], pool.gateway))
    return PoolChoice(pool.rules.name, pool.prefix_bits, pool.gateway, routes, reason)
