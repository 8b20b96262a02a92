"""Refusals are kept with the facts they saw, the last of each interface."""

from __future__ import annotations

from ipam.evidence import evidence_text, kept
from ipam.gathering import enabled_families
from model.decisions import Refusal
from model.errors import DecisionError, StoreError
from policy.select import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipam.gathering import Gathered
    from ipam.request import Request
    from model.decisions import FamilyDecision
    from model.facts import Facts
    from model.rules import PoolRules
    from store.store import Store

    Judged = tuple[FamilyDecision, Sequence[PoolRules], bool]


def keep_refusal(
    store: Store, request: Request, gathered: Gathered, error: DecisionError, now_seconds: int
) -> None:
    """Keeps the refusal and sets its `decision_id`.

    A store that cannot be written to keeps nothing: the refusal is the answer all the same. Only
    where the caller's own transaction was lost by trying, that `StoreError` is raised.
    """
    inside = store.database.in_transaction
    try:
        text = _evidence(store, request, gathered.facts, error)
        pod = (request.pod_namespace if request.pod_name else "", request.pod_name)
        nic, digest = request.attachment.ifname, gathered.rules_digest
        error.decision_id = store.decisions.keep_refusal(
            pod, nic, error.code, digest, text, now_seconds
        )
    except StoreError:
        if inside and not store.database.in_transaction:
            raise


def _evidence(store: Store, request: Request, facts: Facts, error: DecisionError) -> str:
    enabled = enabled_families(store)
    refusal = Refusal(error.code, error.message, error.hint)
    if error.decision is None:
        return evidence_text(facts, request, enabled, "", (), refusal)
    facts = facts.replace(nic=error.decision.nic)  # of another interface, where it is to blame
    order = _order(store, facts, request, enabled)
    families = [_judged(store, one, order.get(one.family, ())) for one in error.decision.families]
    source = families[0][0].source if families else ""
    return evidence_text(facts, request, enabled, source, families, refusal)


def _order(
    store: Store, facts: Facts, request: Request, enabled: Sequence[int]
) -> Mapping[int, Sequence[str]]:
    """The names of candidates in their order, where somebody named them."""
    try:
        found = select(facts, request.cni_defaults, enabled, store.pools.names).families
    except DecisionError:
        return {}
    return found or {}


def _judged(store: Store, family: FamilyDecision, order: Sequence[str]) -> Judged:
    """The family, the rules of the pools that are kept in candidate order, and if all are there."""
    names = [candidate.pool for candidate in kept(family)]
    if order:
        names = [name for name in order if name in set(names)]
    serving = store.pools.serving(names)
    rules = [serving[name].rules for name in names if name in serving]
    return family, rules, len(rules) == family.considered
