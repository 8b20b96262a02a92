"""EXPLAIN: the decision a Pod's interface would get now, with every reason, claiming nothing."""

from __future__ import annotations

from ipam.deciding import propose
from model.addresses import address_text
from model.decisions import CHOSEN, Decision, FamilyDecision, Refusal
from model.errors import DecisionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipam.request import Request
    from store.store import Store


def explain(store: Store, request: Request, now_seconds: int) -> Decision:
    """The decision with free counts, spans and the address each family would get.

    Never raises a `DecisionError`: a refusal stands in `error`, with `families` as far as known.
    """
    try:
        decision = propose(store, request, explaining=True).decision
    except DecisionError as error:
        refusal = Refusal(error.code, error.message, error.hint)
        if error.decision is not None:
            return error.decision.replace(error=refusal)
        attachment = request.attachment
        pod = request.holder.pod_text
        return Decision(pod, attachment.ifname, "", attachment.node, (), refusal)
    families = [_with_address(store, family, now_seconds) for family in decision.families]
    return decision.replace(families=families)


def _with_address(store: Store, family: FamilyDecision, now_seconds: int) -> FamilyDecision:
    chosen = next((c.pool for c in family.candidates if c.outcome == CHOSEN), "")
    record = store.pools.get(chosen) if chosen else None
    address = store.leases.next_free(chosen, now_seconds) if record else None
    if record is None or address is None:
        return family
    text = f"{address_text(family.family, address)}/{record.serving.prefix_bits}"
    return family.replace(address=text)
