"""From a request to a decision: gather facts, select candidates, let policy decide.

Reads the store, never writes to it.
"""

from __future__ import annotations

from model.decisions import CHOSEN, ELIGIBLE, UNDECIDED, Decision, FamilyDecision
from model.errors import (
    CandidateError,
    DecisionError,
    NoMatchingPoolError,
    PoolExhaustedError,
    UnknownFactsError,
)
from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts, Unknown
from model.leases import FamilyClaim, PoolChoice
from model.record import Record
from policy.evaluate import decide_family, look_up
from policy.reasons import refusal_of, short_form
from policy.routes import pod_routes, routes_within
from policy.select import POD_IPPOOLS, ippools_items, select, unknown_pools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipam.request import Request
    from model.decisions import Refusal
    from model.pools import ServingPool
    from policy.routes import PodRoute
    from policy.select import Candidates
    from store.store import Store

DEFAULT_ROUTE = {4: "0.0.0.0/0", 6: "::/0"}
ERRORS: dict[str, type[DecisionError]] = {
    "unknown-facts": UnknownFactsError,
    "no-matching-pool": NoMatchingPoolError,
    "pool-exhausted": PoolExhaustedError,
}


class Proposal(Record):
    """A decision, and the claim that follows from it.

    `claims` holds one entry a family, each with the pools to try, best first; a pool behind an
    undecided one is not among them. `rules_digest` is that of the rules which were looked at.
    """

    __slots__ = ("claims", "decision", "rules_digest")

    def __init__(
        self, decision: Decision, claims: Sequence[FamilyClaim], rules_digest: str
    ) -> None:
        self.decision = decision
        self.claims = claims
        self.rules_digest = rules_digest


class View(Record):
    """The candidates of an interface, and their pools by family in candidate order."""

    __slots__ = ("candidates", "pools")

    def __init__(self, candidates: Candidates, pools: Mapping[int, Sequence[ServingPool]]) -> None:
        self.candidates = candidates
        self.pools = pools


def gather(store: Store, request: Request) -> Facts:
    """The facts of a request, each section known or not."""
    node_name = request.attachment.node
    return Facts(
        request.pod_namespace,
        request.pod_name,
        node_name,
        request.attachment.ifname,
        *_pod_and_namespace(store, request),
        _node(store, node_name),
        str(store.settings.get("cluster_network")),
        str(store.settings.get("namespace")),
    )


def _pod_and_namespace(
    store: Store, request: Request
) -> tuple[PodFacts | Unknown, NamespaceFacts | Unknown]:
    if not request.pod_name:  # no Pod: everything about it is known, and there is nothing
        return PodFacts("", "", request.labels, {}), NamespaceFacts("", {}, {})
    return (
        store.facts.pod(request.pod_namespace, request.pod_name, request.pod_uid),
        store.facts.namespace(request.pod_namespace),
    )


def _node(store: Store, name: str) -> NodeFacts | Unknown:
    if not name:
        return Unknown("the Pod's node", "the Pod is not scheduled yet", "name one with --node")
    return store.facts.node(name)


def propose(store: Store, request: Request, explaining: bool = False) -> Proposal:
    """Decide for a request. `explaining` adds free counts and spans, and marks the chosen pool.

    Raises a `DecisionError` where nothing may be chosen, with the decision attached where there
    is one. Full pools are found by the claim, not here, unless `explaining` is set. With the
    annotation `ippools`, every other interface it lists must be servable, too.
    """
    rules_digest = store.pools.rules_digest()
    facts = gather(store, request)
    if isinstance(facts.pod, PodFacts) and facts.pod.ended:
        raise DecisionError(
            f"pod {facts.pod_text} gets no address: {facts.pod.ended}",
            "a Pod that has ended keeps none; apply the Pod again if it runs",
            code="pod-ended",
        )
    view = view_candidates(store, facts, request)
    free = _free(store, view.pools) if explaining else None
    pools = view.pools
    if explaining:
        pools = {family: _with_spans(store, listed) for family, listed in pools.items()}
    decision = _decide(facts, view.candidates.source, pools, free)
    if view.candidates.source == POD_IPPOOLS:
        check_other_interfaces(store, facts, request, decision)
    return Proposal(decision, _claims(facts, view, decision, request), rules_digest)


def view_candidates(store: Store, facts: Facts, request: Request) -> View:
    """The candidates of the interface in `facts`, loaded; `DecisionError` where there are none."""
    enabled = [f for f in (4, 6) if store.settings.get(f"enable_ipv{f}")]
    candidates = select(facts, request.cni_defaults, enabled, store.pools.names)
    return View(candidates, _load(store, candidates, enabled))


def _decide(
    facts: Facts,
    source: str,
    pools: Mapping[int, Sequence[ServingPool]],
    free: Mapping[str, int] | None,
) -> Decision:
    """The decision over all families; the error of its refusal where a family gets nothing."""
    families = [
        decide_family(facts, family, source, [p.rules for p in listed], free)
        for family, listed in pools.items()
    ]
    decision = Decision(facts.pod_text, facts.nic, _network(facts), facts.node_name, families)
    refusal = refusal_of(decision)
    if refusal:
        raise refused(decision.replace(error=refusal), refusal)
    return decision


def check_other_interfaces(
    store: Store, facts: Facts, request: Request, decision: Decision
) -> None:
    """That every other interface of `ippools` could be served now, with this one served first.

    Raises the other interface's error, naming it. An interface of the same sandbox that holds its
    addresses already needs none. Nothing is held for the others: their own ADD claims.
    """
    assert isinstance(facts.pod, PodFacts)
    held = {
        lease.attachment.ifname
        for lease in store.leases.by_pod(facts.pod_namespace, facts.pod_name)
        if lease.attachment.container_id == request.attachment.container_id
    }
    planned: dict[str, int] = {}
    _plan(planned, decision)
    for nic in ippools_items(facts.pod):
        if nic == facts.nic or nic in held:
            continue
        try:
            theirs = facts.replace(nic=nic)
            view = view_candidates(store, theirs, request)
            free = _free(store, view.pools)
            for name, count in planned.items():
                free[name] = free.get(name, 0) - count
            _plan(planned, _decide(theirs, view.candidates.source, view.pools, free))
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


def _free(store: Store, pools: Mapping[int, Sequence[ServingPool]]) -> dict[str, int]:
    names = [pool.rules.name for listed in pools.values() for pool in listed]
    return {name: usage.free for name, usage in store.pools.usage(names).items()}


def refused(decision: Decision, refusal: Refusal) -> DecisionError:
    """The error of a refusal, with the decision that explains it."""
    return ERRORS[refusal.code](refusal.message, refusal.hint, code=refusal.code, decision=decision)


def _load(
    store: Store, candidates: Candidates, enabled: Sequence[int]
) -> Mapping[int, Sequence[ServingPool]]:
    """The candidates of each family, in their order; `CandidateError` if one is missing."""
    if candidates.families is None:
        defaults = {family: store.pools.serving_default(family) for family in enabled}
        found = {family: pools for family, pools in defaults.items() if pools}
        if not found:
            raise CandidateError(
                "no pool is named for the Pod, and no pool has `spec.default: true`",
                "name pools with the Pod annotation `ipam.spidernet.io/ippool`, or set "
                "`spec.default: true` on a pool",
            )
        return found
    wanted = [name for names in candidates.families.values() for name in names]
    serving = store.pools.serving(wanted)
    missing = [name for name in wanted if name not in serving]
    if missing:
        known = [name for family in (4, 6) for name in store.pools.names(family)]
        raise unknown_pools(missing, candidates.source, known)
    return {
        family: [serving[name] for name in names] for family, names in candidates.families.items()
    }


def _with_spans(store: Store, pools: Sequence[ServingPool]) -> list[ServingPool]:
    """The pools with the manifest spans of their checks, which a claim has no use for."""
    records = (store.pools.get(pool.rules.name) for pool in pools)
    return [record.serving if record else pool for record, pool in zip(records, pools, strict=True)]


def _network(facts: Facts) -> str:
    """The interface's network for the explanation, or empty."""
    return look_up(facts, 4, "nic.network", "")[0] or ""


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
        claims.append(FamilyClaim(family.family, choices))
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
    routes = [*pool.routes, *own]
    if pool.gateway and not clean:
        routes.append((DEFAULT_ROUTE[family], pool.gateway))
    return PoolChoice(pool.rules.name, pool.prefix_bits, pool.gateway, routes, reason)
