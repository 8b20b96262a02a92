"""From a request to a decision: gather facts, select candidates, let policy decide.

Reads the store, never writes to it.
"""

from __future__ import annotations

from model.decisions import UNDECIDED, Decision, FamilyDecision
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
from policy.select import POD_IPPOOLS, select, unknown_pools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipam.request import Request
    from model.decisions import Refusal
    from model.pools import ServingPool
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
    is one. Full pools are found by the claim, not here, unless `explaining` is set.
    """
    rules_digest = store.pools.rules_digest()
    facts = gather(store, request)
    if isinstance(facts.pod, PodFacts) and facts.pod.ended:
        raise DecisionError(
            f"pod {facts.pod_text} gets no address: {facts.pod.ended}",
            "a Pod that has ended keeps none; apply the Pod again if it runs",
            code="pod-ended",
        )
    enabled = [f for f in (4, 6) if store.settings.get(f"enable_ipv{f}")]
    candidates = select(facts, request.cni_defaults, enabled, store.pools.names)
    pools = _load(store, candidates, enabled)
    free = None
    if explaining:
        names = [pool.rules.name for listed in pools.values() for pool in listed]
        free = {name: usage.free for name, usage in store.pools.usage(names).items()}
        pools = {family: _with_spans(store, listed) for family, listed in pools.items()}
    families = [
        decide_family(facts, family, candidates.source, [p.rules for p in listed], free)
        for family, listed in pools.items()
    ]
    decision = Decision(facts.pod_text, facts.nic, _network(facts), facts.node_name, families)
    refusal = refusal_of(decision)
    if refusal:
        raise refused(decision.replace(error=refusal), refusal)
    clean = candidates.clean_gateway if candidates.source == POD_IPPOOLS else request.clean_gateway
    claims = [_claim(family, pools[family.family], clean) for family in families]
    return Proposal(decision, claims, rules_digest)


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


def _claim(family: FamilyDecision, pools: Sequence[ServingPool], clean: bool) -> FamilyClaim:
    by_name = {pool.rules.name: pool for pool in pools}
    choices = []
    for candidate in family.candidates:
        if candidate.outcome == UNDECIDED:
            break
        if candidate.rank:
            reason = short_form(family, candidate.pool)
            choices.append(_choice(by_name[candidate.pool], family.family, clean, reason))
    return FamilyClaim(family.family, choices)


def _choice(pool: ServingPool, family: int, clean: bool, reason: str) -> PoolChoice:
    """What the answer says besides the address: the pool's routes, then the default route."""
    routes = list(pool.routes)
    if pool.gateway and not clean:
        routes.append((DEFAULT_ROUTE[family], pool.gateway))
    return PoolChoice(pool.rules.name, pool.prefix_bits, pool.gateway, routes, reason)
