"""What a decision looks at: a request's facts and candidate pools, read from the store."""

from __future__ import annotations

from model.errors import CandidateError
from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts, Unknown
from model.record import Record
from policy.select import select, unknown_pools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipam.request import Request
    from ipam.shortlist import Shortlist
    from model.pools import ServingPool
    from policy.select import Candidates
    from store.store import Store


class View(Record):
    """The candidates of an interface, and their pools by family in candidate order.

    Of default pools perhaps only those that stand and were looked at, by rank: `shortlists` has
    them by family then, and says how to go on. Where a family gets nothing, perhaps only those that
    stand and the nearest misses: `omitted` counts the others, by family and reason. Both are empty
    where `pools` holds all candidates.
    """

    __slots__ = ("candidates", "omitted", "pools", "shortlists")

    def __init__(
        self,
        candidates: Candidates,
        pools: Mapping[int, Sequence[ServingPool]],
        shortlists: Mapping[int, Shortlist] | None = None,
        omitted: Mapping[int, Mapping[str, int]] | None = None,
    ) -> None:
        self.candidates = candidates
        self.pools = pools
        self.shortlists = shortlists or {}
        self.omitted = omitted or {}


class Gathered(Record):
    """The facts of a request, and the digest of all rules as it was before they were read.

    A claim that names this digest is `Stale` if anything changed since that the facts depend on.
    """

    __slots__ = ("facts", "rules_digest")

    def __init__(self, facts: Facts, rules_digest: str) -> None:
        self.facts = facts
        self.rules_digest = rules_digest


def gather_for_claim(store: Store, request: Request) -> Gathered:
    """The facts of a request that is to become a claim."""
    rules_digest = store.pools.rules_digest()
    return Gathered(gather(store, request), rules_digest)


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
        pod = PodFacts("", "", request.labels, request.annotations)
        return pod, NamespaceFacts("", {}, {})
    return _known_pod(store, request), store.facts.namespace(request.pod_namespace)


def _known_pod(store: Store, request: Request) -> PodFacts | Unknown:
    """The Pod of a request, with the annotations that the runtime knows laid over the stored ones.

    They do not make a Pod known: its labels come from the store alone.
    """
    pod = store.facts.pod(request.pod_namespace, request.pod_name, request.pod_uid)
    if request.annotations and isinstance(pod, PodFacts):
        return pod.replace(annotations={**pod.annotations, **request.annotations})
    return pod


def _node(store: Store, name: str) -> NodeFacts | Unknown:
    if not name:
        return Unknown("the Pod's node", "the Pod is not scheduled yet", "name one with --node")
    return store.facts.node(name)


def enabled_families(store: Store) -> list[int]:
    """4, 6 or both, as the settings say."""
    return [family for family in (4, 6) if store.settings.get(f"enable_ipv{family}")]


def view_candidates(store: Store, facts: Facts, request: Request) -> View:
    """The candidates of the interface in `facts`, loaded; `DecisionError` where there are none."""
    enabled = enabled_families(store)
    candidates = select(facts, request.cni_defaults, enabled, store.pools.names)
    return View(candidates, _load(store, candidates, enabled))


def view_shortlist(store: Store, facts: Facts, request: Request) -> View:
    """The candidates as a claim needs them: of default pools, the best that stand.

    All candidates, as `view_candidates` gives them, where they are named; a `view_summary` where a
    family with default pools gets nothing.
    """
    enabled = enabled_families(store)
    candidates = select(facts, request.cni_defaults, enabled, store.pools.names)
    if candidates.families is None:
        shortlists = _shortlists(store, facts, enabled)
        if shortlists:
            pools = {family: one.pools for family, one in shortlists.items()}
            return View(candidates, pools, shortlists)
    return _summary(store, facts, candidates, enabled)


def view_summary(store: Store, facts: Facts, request: Request) -> View:
    """The candidates as a refusal needs them: default pools that merely fail are mostly counted.

    Looks at every default pool, but at no more of most of them than their checks.
    """
    enabled = enabled_families(store)
    candidates = select(facts, request.cni_defaults, enabled, store.pools.names)
    return _summary(store, facts, candidates, enabled)


def _summary(store: Store, facts: Facts, candidates: Candidates, enabled: Sequence[int]) -> View:
    if candidates.families is not None:
        return View(candidates, _load(store, candidates, enabled))
    from ipam.evidence import MOST_POOLS  # noqa: PLC0415 - a refusal alone needs these
    from policy.standing import Known  # noqa: PLC0415
    from policy.tally import tally  # noqa: PLC0415

    pools, omitted = {}, {}
    for family in enabled:
        found = store.pools.default_checks(family)
        if found:
            told = tally(Known(facts, family), found, MOST_POOLS)
            pools[family] = list(store.pools.serving(told.told).values())
            omitted[family] = told.omitted
    return View(candidates, _any_default(pools, enabled), omitted=omitted)


def _shortlists(store: Store, facts: Facts, enabled: Sequence[int]) -> dict[int, Shortlist]:
    """A shortlist for each family that has default pools; empty where one gets nothing."""
    from ipam.shortlist import Shortlist, extend  # noqa: PLC0415 - named pools do without

    shortlists = {}
    for family in enabled:
        found = extend(store, facts, family, Shortlist())
        if found.eligible:
            shortlists[family] = found
        elif store.pools.has_default(family):
            return {}
    return shortlists


def _load(
    store: Store, candidates: Candidates, enabled: Sequence[int]
) -> Mapping[int, Sequence[ServingPool]]:
    """The candidates of each family, in their order; `CandidateError` if one is missing."""
    if candidates.families is None:
        defaults = {family: store.pools.serving_default(family) for family in enabled}
        found = {family: pools for family, pools in defaults.items() if pools}
        return _any_default(found, enabled)
    wanted = [name for names in candidates.families.values() for name in names]
    serving = store.pools.serving(wanted)
    missing = [name for name in wanted if name not in serving]
    if missing:
        known = [name for family in (4, 6) for name in store.pools.names(family)]
        raise unknown_pools(missing, candidates.source, known)
    return {
        family: [serving[name] for name in names] for family, names in candidates.families.items()
    }


def _any_default(
    found: Mapping[int, Sequence[ServingPool]], enabled: Sequence[int]
) -> Mapping[int, Sequence[ServingPool]]:
    """The default pools found; `CandidateError` if there are none."""
    if found:
        return found
    families = " or ".join(f"IPv{family}" for family in enabled) or "enabled"
    raise CandidateError(
        f"no pool is named for the Pod, and no {families} pool has `spec.default: true`",
        "name pools with the Pod annotation `ipam.spidernet.io/ippool`, or set "
        "`spec.default: true` on a pool",
    )


def free_counts(store: Store, pools: Mapping[int, Sequence[ServingPool]]) -> dict[str, int]:
    """How many addresses could be claimed of each pool."""
    names = [pool.rules.name for listed in pools.values() for pool in listed]
    return {name: usage.free for name, usage in store.pools.usage(names).items()}
