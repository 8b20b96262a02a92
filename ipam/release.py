"""DEL: let go of what one attachment holds. Needs nothing but the store."""

from __future__ import annotations

from ipam.execute import execute_one
from model.leases import Release, Released

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.leases import Attachment, Lease
    from store.store import Store


def release(store: Store, attachment: Attachment, now_seconds: int) -> Sequence[Lease]:
    """The leases that were let go of, none if there were none: releasing twice is a no-op.

    Only the attachment counts, so a late DEL of an old sandbox frees nothing of a newer one.
    Raises `StoreBusyError` or another `StoreError` if the store cannot be written to; nothing is
    released then.
    """
    outcome = execute_one(store, Release(attachment), now_seconds)
    assert isinstance(outcome, Released)
    return outcome.leases
