"""The decision over all families of one interface, and its refusal as an error."""

from __future__ import annotations

from model.decisions import Decision, Refusal
from model.errors import (
    CandidateError,
    DecisionError,
    NoMatchingPoolError,
    PoolExhaustedError,
    UnknownFactsError,
)
from model.facts import Unknown
from policy.evaluate import decide_family, look_up, network_of
from policy.networks import HOW_TO_WRITE
from policy.reasons import nearest_misses, refusal_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.facts import Facts
    from model.pools import ServingPool

ERRORS: dict[str, type[DecisionError]] = {
    "unknown-facts": UnknownFactsError,
    "invalid-network-annotation": CandidateError,
    "no-matching-pool": NoMatchingPoolError,
    "pool-exhausted": PoolExhaustedError,
}


def decide(
    facts: Facts,
    source: str,
    pools: Mapping[int, Sequence[ServingPool]],
    free: Mapping[str, int] | None,
    omitted: Mapping[int, Mapping[str, int]] | None = None,
) -> Decision:
    """The decision over all families; the error of its refusal where a family gets nothing.

    `omitted` counts candidates that are out and not among `pools`, by family and reason.
    """
    families = [
        decide_family(facts, family, source, [p.rules for p in listed], free)
        for family, listed in pools.items()
    ]
    if omitted:
        families = [one.replace(omitted=omitted.get(one.family)) for one in families]
    decision = Decision(facts.pod_text, facts.nic, _network(facts), facts.node_name, families)
    refusal = refusal_of(decision)
    if refusal:
        refusal = _of_unreadable_networks(facts, decision) or refusal
        raise refused(decision.replace(error=refusal), refusal)
    return decision


def _of_unreadable_networks(facts: Facts, decision: Decision) -> Refusal | None:
    """The refusal where a near miss wants a network, and what names the networks cannot be read."""
    if isinstance(facts.pod, Unknown):
        return None
    network = network_of(facts, facts.pod)
    if not network.unreadable or not any(
        check.check[1] == "nic.network"
        for family in decision.families
        for candidate in nearest_misses(family)
        for check in candidate.failed
    ):
        return None
    pod = f"pod {decision.pod}" if decision.pod else "this container"
    message = f"no network is known for interface {facts.nic} of {pod}: {network.reason}"
    return Refusal("invalid-network-annotation", message, HOW_TO_WRITE)


def refused(decision: Decision, refusal: Refusal) -> DecisionError:
    """The error of a refusal, with the decision that explains it."""
    return ERRORS[refusal.code](refusal.message, refusal.hint, code=refusal.code, decision=decision)


def _network(facts: Facts) -> str:
    """The interface's network for the explanation, or empty."""
    return look_up(facts, 4, "nic.network", "")[0] or ""
