"""Taking pools and objects out of a store."""

from __future__ import annotations

from ipam.keeping import settle
from model.addresses import address_text
from model.errors import InUseError, NotFoundError
from model.naming import did_you_mean, nearest
from store.store import Store


def delete_pool(store: Store, name: str, now_seconds: int = 0) -> None:
    """Delete a pool. `InUseError` naming the holders if it holds bound or kept leases.

    Resting leases go with it; `now_seconds` is for their journal (0: the time of its newest row).
    """
    record = store.pools.get(name)
    if record is None:
        raise pool_not_found(store, name)
    conflicts = store.writer.delete_pool(name, record.revision, now_seconds)
    held = [c for c in conflicts if c.kind == "address-in-use"]
    if held:
        shown = ", ".join(
            f"{address_text(c.family, c.first)} is held by {c.other}" for c in held[:5]
        )
        more = f" and {len(held) - 5} more" if len(held) > 5 else ""
        raise InUseError(
            f"pool `{name}` is in use: {shown}{more}",
            "delete the Pods first (their DEL frees the addresses), then the pool; or add --drain, "
            "which deletes it with the last of them",
        )
    if conflicts:
        raise InUseError(f"pool `{name}` was changed meanwhile", "look at it again, then repeat")


def delete_object(
    store: Store, kind: str, namespace: str, name: str, now_seconds: int | None = None
) -> None:
    """Delete any other object; `NotFoundError` with the nearest names if there is none.

    What was kept for the Pods of a deleted StatefulSet is let go of at `now_seconds`; None leaves
    that to the next `apply` or `reconcile`.
    """
    if not store.writer.delete_object(kind, namespace, name):
        known = [record.name for record in store.objects.list(kind, namespace or None)]
        raise not_found(kind, name, known)
    if now_seconds is not None:
        settle(store, now_seconds)


def pool_not_found(store: Store, name: str) -> NotFoundError:
    """The error for a pool that does not exist, with the nearest of those that do."""
    return not_found("SpiderIPPool", name, [p for f in (4, 6) for p in store.pools.names(f)])


def not_found(kind: str, name: str, known: list[str]) -> NotFoundError:
    """The error for a name that does not exist."""
    near = nearest(name, known)
    return NotFoundError(
        f"there is no {kind} `{name}`",
        did_you_mean(near, f"`poolweaver get {kind.lower()}` lists all"),
    )
