"""The end of kept leases: who no StatefulSet wants any more keeps no address.

All that a tenant keeps ends together, since an interface has all its families or none. Bound
leases are never touched here: their Pod still runs, and its DEL comes.
"""

from __future__ import annotations

from ipam.tenancy import draining, why_not_kept
from model.leases import KEPT, LetGo, Released

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.leases import Lease
    from store.store import Store

    # leases of one tenant, and why they are let go of
    Ending = tuple[list[Lease], str]


def settle(store: Store, now_seconds: int) -> list[Lease]:
    """Let go of every kept lease that is not wanted any more; gives them as they were.

    What another process changes meanwhile, or a busy store, is left to the next call. Costs nothing
    to speak of while no leases are kept.
    """
    return _end(store, unwanted(store, store.leases.kept()), now_seconds)


def end_kept(store: Store, pool: str, now_seconds: int) -> list[Lease]:
    """Let go of what is kept in a pool, and with it of the same interfaces' other families.

    For a pool that is being drained: mark it terminating first, else new leases become kept. Gives
    the leases as they were; what another process changes meanwhile is left to `settle`.
    """
    endings = [
        (leases, draining(pool))
        for leases in _by_tenant(store.leases.kept())
        if any(lease.pool == pool for lease in leases)
    ]
    return _end(store, endings, now_seconds)


def settle_tenant(store: Store, tenant: str, now_seconds: int) -> None:
    """Let go of what one tenant keeps, if it is not wanted any more."""
    kept = [lease for lease in store.leases.by_tenant(tenant) if lease.state == KEPT]
    reason = why_not_kept(store, kept) if kept else ""
    if reason:
        _end(store, [(kept, reason)], now_seconds)


def unwanted(store: Store, kept: Sequence[Lease]) -> list[Ending]:
    """What of these kept leases is not wanted any more, tenant by tenant."""
    endings = [(leases, why_not_kept(store, leases)) for leases in _by_tenant(kept)]
    return [(leases, reason) for leases, reason in endings if reason]


def _by_tenant(kept: Sequence[Lease]) -> list[list[Lease]]:
    groups: dict[str, list[Lease]] = {}
    for lease in kept:
        groups.setdefault(lease.holder.tenant, []).append(lease)
    return list(groups.values())


def _end(store: Store, endings: Sequence[Ending], now_seconds: int) -> list[Lease]:
    operations = [LetGo(leases, reason) for leases, reason in endings]
    outcomes = store.leases.execute(operations, now_seconds)
    return [one for done in outcomes if isinstance(done, Released) for one in done.leases]
