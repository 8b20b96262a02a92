"""The evaluator: rules and facts in, a decision out. Pure, total, two-valued over known facts.

This is the naive evaluator: it looks at every candidate, in time linear in their number. It is the
oracle that any index must agree with, and it is what explains.

    filter   every check of a pool must hold; a check on an unknown section leaves it undecided
    rank     presence of RANK_FIELDS, then priority, then place in the list, then name
"""

from __future__ import annotations

from grammar.globs import compile_glob, glob_matches
from model.decisions import (
    CHOSEN,
    DISABLED,
    ELIGIBLE,
    EXHAUSTED,
    FILTERED,
    TERMINATING,
    UNDECIDED,
    Candidate,
    CheckResult,
    FamilyDecision,
)
from model.facts import NamespaceFacts, NodeFacts, PodFacts, Unknown
from model.naming import natural_key
from model.rules import RANK_FIELDS
from policy.networks import find_network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.facts import Facts
    from model.rules import Check, PoolRules
    from model.spans import Span
    from policy.networks import Network

    # subject and key to what `look_up` gave
    Seen = dict[tuple[str, str], tuple[str | None, str, bool]]

CLUSTER_DEFAULT = "cluster-default"
STANDING = (ELIGIBLE, EXHAUSTED, UNDECIDED)  # outcomes that have a rank


def decide_family(
    facts: Facts,
    family: int,
    source: str,
    pools: Sequence[PoolRules],
    free: Mapping[str, int] | None = None,
) -> FamilyDecision:
    """All candidates of one family, ranked and explained.

    `pools` stand in candidate order. `free` counts claimable addresses by pool: with it, full pools
    are `exhausted` and the best other one is `chosen`; without it, the pools that match are
    `eligible` and nothing is chosen. Nothing is chosen behind an undecided pool either.
    """
    ordered = sorted_by_rank(pools, source)
    seen: Seen = {}
    judged = {pool.name: judge(facts, family, pool, free, seen) for pool in ordered}
    standing = [pool for pool in ordered if judged[pool.name].outcome in STANDING]
    ranked = []
    chosen = free is None
    for rank, pool in enumerate(standing, 1):
        candidate = judged[pool.name]
        outcome = candidate.outcome
        if not chosen and outcome != EXHAUSTED:
            chosen = True
            outcome = CHOSEN if outcome == ELIGIBLE else outcome
        reason = why_before(pool, standing[rank], source) if rank < len(standing) else ""
        ranked.append(candidate.replace(rank=rank, outcome=outcome, order_reason=reason))
    dropped = [judged[pool.name] for pool in pools if judged[pool.name].outcome not in STANDING]
    return FamilyDecision(family, source, ranked + dropped)


def judge(
    facts: Facts,
    family: int,
    pool: PoolRules,
    free: Mapping[str, int] | None,
    seen: Seen | None = None,
) -> Candidate:
    """One pool with every check evaluated, before ranking (`rank` is 0).

    `seen` gathers what was looked up, so that many pools look at a thing once.
    """
    checks = [
        evaluate(facts, family, check, pool.spans[index] if pool.spans else None, seen)
        for index, check in enumerate(pool.checks)
    ]
    count = None if free is None else free.get(pool.name, 0)
    if pool.terminating:
        outcome = TERMINATING
    elif pool.disabled:
        outcome = DISABLED
    elif any(check.ok is False for check in checks):
        outcome = FILTERED
    elif any(check.ok is None for check in checks):
        outcome = UNDECIDED
    else:
        outcome = EXHAUSTED if count == 0 else ELIGIBLE
    return Candidate(pool.name, outcome, 0, count, checks)


def evaluate(
    facts: Facts,
    family: int,
    check: Check,
    span: Span | None = None,
    seen: Seen | None = None,
) -> CheckResult:
    """One check against the facts. Never raises: an unknown section gives `ok` None.

    `seen` holds what was looked up for these facts and this family before, and learns it.
    """
    place = (check[1], check[2])
    found = None if seen is None else seen.get(place)
    if found is None:
        found = look_up(facts, family, *place)
        if seen is not None:
            seen[place] = found
    value, note, known = found
    ok = check_holds(check, value) if known else None
    return CheckResult(check, ok, value, note, span)


def check_holds(check: Check, value: str | None) -> bool:
    """Whether the check holds for a known value; None is absent (`not in` and `absent` hold)."""
    _, _, _, operator, values = check
    if operator == "exists":
        return value is not None
    if operator == "absent":
        return value is None
    if operator == "not in":
        return value not in values
    if value is None:
        return False
    if operator == "matches":
        return glob_matches(compile_glob(values[0]), value)
    return value in values


def look_up(facts: Facts, family: int, subject: str, key: str) -> tuple[str | None, str, bool]:
    """(value or None for absent, note, whether the section is known) of a subject."""
    section, _, rest = subject.partition(".")
    if section == "ip":
        return str(family), "", True
    if section == "nic":
        return (facts.nic, "", True) if rest == "name" else _network(facts)
    if rest == "name":
        return _name(facts, section)
    found = {"pod": facts.pod, "namespace": facts.namespace, "node": facts.node}[section]
    if isinstance(found, Unknown):
        return None, f"{found.what} is not known: {found.reason}", False
    return _field(found, rest, key), "", True


def _name(facts: Facts, section: str) -> tuple[str | None, str, bool]:
    """Names come with the call and are known without their section; only a node may be missing."""
    if section == "node":
        unscheduled = "node of the Pod is not known: the Pod is not scheduled yet"
        return (
            facts.node_name or None,
            "" if facts.node_name else unscheduled,
            bool(facts.node_name),
        )
    name = facts.pod_name if section == "pod" else facts.pod_namespace
    return name if facts.pod_name else None, "", True


def _field(found: PodFacts | NamespaceFacts | NodeFacts, rest: str, key: str) -> str | None:
    if rest == "label":
        return found.labels.get(key)
    assert isinstance(found, PodFacts)
    if rest == "annotation":
        return found.annotations.get(key)
    return (found.owner_kind if rest == "owner.kind" else found.owner_name) or None


def _network(facts: Facts) -> tuple[str | None, str, bool]:
    if isinstance(facts.pod, Unknown):
        return None, f"{facts.pod.what} is not known: {facts.pod.reason}", False
    network = network_of(facts, facts.pod)
    return network.name or None, network.reason, True


def network_of(facts: Facts, pod: PodFacts) -> Network:
    """The network of the interface in `facts`."""
    return find_network(
        pod.annotations,
        facts.pod_namespace,
        facts.nic,
        facts.cluster_network,
        facts.install_namespace,
    )


def presence(pool: PoolRules) -> tuple[int, ...]:
    """The rank vector: 0 for each field of `RANK_FIELDS` that is present, 1 for the others."""
    return tuple(0 if field in pool.ranked else 1 for field in RANK_FIELDS)


def sorted_by_rank(pools: Sequence[PoolRules], source: str) -> list[PoolRules]:
    """The pools, best first. The order is total: no two pools bear one name."""
    listed = source != CLUSTER_DEFAULT
    places = {pool.name: place if listed else 0 for place, pool in enumerate(pools)}
    return sorted(
        pools,
        key=lambda pool: (
            presence(pool),
            -pool.priority,
            places[pool.name],
            natural_key(pool.name),
        ),
    )


def why_before(first: PoolRules, second: PoolRules, source: str) -> str:
    """Why `first` stands before `second`: the first part of the order in which they differ."""
    for field, here, there in zip(RANK_FIELDS, presence(first), presence(second), strict=True):
        if here < there:
            return f"{field} set{_fewer(first, second)}"
    if first.priority != second.priority:
        return f"priority {first.priority} over {second.priority}"
    if source != CLUSTER_DEFAULT:
        return "earlier in the candidate list"
    return "name order"


def _fewer(first: PoolRules, second: PoolRules) -> str:
    """A remark where the order of fields beats their number, which the number would not."""
    if len(first.ranked) >= len(second.ranked):
        return ""
    return (
        f", though it matches fewer fields ({len(first.ranked)} against {len(second.ranked)}): "
        "the order of fields decides, not their number"
    )
