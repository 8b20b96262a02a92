"""The decision over all families of one interface, and its refusal as an error."""

from __future__ import annotations

from model.decisions import Decision
from model.errors import (
    DecisionError,
    NoMatchingPoolError,
    PoolExhaustedError,
    UnknownFactsError,
)
from policy.evaluate import decide_family, look_up
from policy.reasons import refusal_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.decisions import Refusal
    from model.facts import Facts
    from model.pools import ServingPool

ERRORS: dict[str, type[DecisionError]] = {
    "unknown-facts": UnknownFactsError,
    "no-matching-pool": NoMatchingPoolError,
    "pool-exhausted": PoolExhaustedError,
}


def decide(
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


def refused(decision: Decision, refusal: Refusal) -> DecisionError:
    """The error of a refusal, with the decision that explains it."""
    return ERRORS[refusal.code](refusal.message, refusal.hint, code=refusal.code, decision=decision)


def _network(facts: Facts) -> str:
    """The interface's network for the explanation, or empty."""
    return look_up(facts, 4, "nic.network", "")[0] or ""
