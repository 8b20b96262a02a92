"""DEL: let go of what one attachment holds. Needs nothing but the store."""

from __future__ import annotations

from ipam.execute import execute_one
from ipam.keeping import settle_tenant
from ipam.tenancy import why_not_kept
from model.leases import Release, Released, stateful_set_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.leases import Attachment, Lease
    from store.store import Store


def release(store: Store, attachment: Attachment, now_seconds: int) -> Sequence[Lease]:
    """The leases that were let go of, none if there were none: releasing twice is a no-op.

    They are kept for the Pod of a StatefulSet that wants its ordinal; all others rest. Only the
    attachment counts, so a late DEL of an old sandbox frees nothing of a newer one. Raises
    `StoreBusyError` or another `StoreError` if the store cannot be written to; nothing is released
    then.
    """
    held = store.leases.by_attachment(attachment)
    tenant = held[0].holder.tenant if held else ""
    keep = stateful_set_of(tenant) is not None and not why_not_kept(store, held)
    outcome = execute_one(store, Release(attachment, keep), now_seconds)
    assert isinstance(outcome, Released)
    if keep:  # somebody may have scaled down after we looked, and seen a bound lease
        settle_tenant(store, tenant, now_seconds)
    return outcome.leases
