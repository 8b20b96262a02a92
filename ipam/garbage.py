"""GC: let go of what a network's attachments hold that the runtime does not list."""

from __future__ import annotations

from ipam.tenancy import why_not_kept
from model.errors import StoreBusyError
from model.leases import Busy, LetGo, Released, stateful_set_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from model.leases import Lease
    from store.store import Store

REASON = "GC: the runtime does not list its attachment any more"


def collect(
    store: Store, node: str, network: str, valid: Collection[tuple[str, str]], now_seconds: int
) -> list[Lease]:
    """The leases that were let go of: those of this node and network whose attachment is stale.

    `valid` holds (container id, interface) of every attachment that lives. As with DEL, what a
    StatefulSet's Pod would come back to is kept. A lease that changes meanwhile is left to its new
    holder. Raises `StoreBusyError` or another `StoreError`; nothing is let go of then.
    """
    stale: dict[tuple[str, str], list[Lease]] = {}
    for lease in store.leases.by_network(node, network):
        pair = (lease.attachment.container_id, lease.attachment.ifname)
        if pair not in valid:
            stale.setdefault(pair, []).append(lease)
    operations = [LetGo(leases, REASON, _kept(store, leases)) for leases in stale.values()]
    outcomes = store.leases.execute(operations, now_seconds)
    if any(isinstance(outcome, Busy) for outcome in outcomes):
        raise StoreBusyError("the store is busy: another process is writing to it", "call GC again")
    return [one for done in outcomes if isinstance(done, Released) for one in done.leases]


def _kept(store: Store, leases: Sequence[Lease]) -> bool:
    tenant = leases[0].holder.tenant
    return stateful_set_of(tenant) is not None and not why_not_kept(store, leases)
