"""REPLAY: a kept decision taken again, and the first thing that comes out otherwise.

replay          its own facts, its own rules: another outcome means another program, or another file
replay_current  the pools and facts of now: what changed since
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipam.differences import (
    Difference,
    difference_of_decisions,
    difference_of_records,
)
from ipam.explain import with_spans
from ipam.gathering import gather_for_claim
from ipam.letting_go import by_pool, freed_by
from ipam.proposing import propose
from ipam.rejudge import rejudge
from ipam.request import Request
from model.addresses import address_text
from model.decisions import Decision, Refusal
from model.errors import DecisionError
from model.facts import PodFacts
from model.facts_json import facts_from_json
from model.leases import Attachment
from policy.select import select

if TYPE_CHECKING:
    from model.kept_decisions import KeptDecision
    from store.store import Store

# Refusals that follow from the facts alone, before any pool is looked at.
FROM_FACTS = ("pod-ended", "unknown-facts", "invalid-pool-annotation", "not-supported")


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replay: `difference` is None if it is the same."""

    kept: KeptDecision
    current: bool
    difference: Difference | None

    @property
    def same(self) -> bool:
        """Whether it is the same decision."""
        return self.difference is None

    def to_json(self) -> dict[str, object]:
        """The shape of docs/decisions.md."""
        return {
            "decision": self.kept.number,
            "pod": self.kept.pod_text or None,
            "nic": self.kept.nic,
            "outcome": self.kept.outcome,
            "current": self.current,
            "same": self.same,
            "difference": self.difference.to_json() if self.difference else None,
        }


def replay(kept: KeptDecision) -> Replay:
    """Decide again from what the decision recorded, by the naive evaluator.

    `NotFoundError` and `RuleError` where its rules cannot be had any more (`ipam.rejudge`).
    """
    if not kept.evidence["families"]:
        return Replay(kept, False, _before_any_pool(kept))
    again = rejudge(kept)
    return Replay(kept, False, difference_of_records(kept.evidence["families"], again))


def replay_current(store: Store, kept: KeptDecision) -> Replay:
    """Decide again with the store's pools and facts of now, as for a Pod that holds nothing.

    What the interface holds of this decision counts as free.
    """
    then = rejudge(kept)
    now = _current(store, kept)
    families = [with_spans(store, family, everything=True) for family in now.families]
    now = now.replace(families=families)
    return Replay(kept, True, difference_of_decisions(then, now, kept.claims))


def _current(store: Store, kept: KeptDecision) -> Decision:
    facts, asked = facts_from_json(kept.evidence["facts"]), kept.evidence["asked"]
    labels = facts.pod.labels if isinstance(facts.pod, PodFacts) and not facts.pod_name else {}
    request = Request(
        Attachment(facts.node_name, "", "", facts.nic),
        facts.pod_namespace,
        facts.pod_name,
        "",
        {int(family): names for family, names in asked["cniDefaults"].items()},
        labels,
    )
    try:
        gathered = gather_for_claim(store, request)
        return propose(store, request, gathered, counting=True, freed=_freed(store, kept)).decision
    except DecisionError as error:
        refusal = Refusal(error.code, error.message, error.hint)
        if error.decision is not None:
            return error.decision.replace(error=refusal)
        return Decision(kept.pod_text, facts.nic, "", facts.node_name, (), refusal)


def _freed(store: Store, kept: KeptDecision) -> dict[str, int]:
    """By pool, the addresses that this decision gave and that are held for it still."""
    given = {(pool, address) for _, pool, address in kept.claims}
    held = [
        lease
        for lease in store.leases.by_pod(kept.pod_namespace, kept.pod_name)
        if lease.attachment.ifname == kept.nic
        and (lease.pool, address_text(lease.family, lease.address)) in given
    ]
    return by_pool(freed_by(store, held))


def _before_any_pool(kept: KeptDecision) -> Difference | None:
    """The difference where the facts do not lead to the refusal that they led to."""
    again, then = _refusal_of_facts(kept), kept.outcome
    if then == again or (then not in FROM_FACTS and again not in FROM_FACTS):
        return None  # the others follow from pools that did or did not exist
    return Difference(f"then refused with `{then}`, now {f'with `{again}`' if again else 'not'}")


def _refusal_of_facts(kept: KeptDecision) -> str:
    facts, asked = facts_from_json(kept.evidence["facts"]), kept.evidence["asked"]
    if isinstance(facts.pod, PodFacts) and facts.pod.ended:
        return "pod-ended"
    defaults = {int(family): names for family, names in asked["cniDefaults"].items()}
    try:
        select(facts, defaults, asked["families"], lambda _: [])
    except DecisionError as error:
        return error.code
    return ""
