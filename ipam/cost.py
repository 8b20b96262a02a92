"""What a decision costs in checks of single atoms: the same on every machine."""

from __future__ import annotations

from ipam.gathering import gather, view_shortlist
from model.errors import DecisionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipam.request import Request
    from store.store import Store


def index_cost(store: Store, request: Request) -> int | None:
    """The checks that a claim evaluates by way of the index.

    None where the index has no part in it: the candidates are named, or the claim would be refused,
    whose reasons are found by looking at all of them.
    """
    try:
        shortlists = view_shortlist(store, gather(store, request), request).shortlists
    except DecisionError:
        return None
    return sum(one.checks_done for one in shortlists.values()) if shortlists else None
