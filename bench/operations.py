"""Claims and releases of containers, without anything that a process of its own would load long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.leases import Attachment, Claim, FamilyClaim, Holder, PoolChoice, Release

if TYPE_CHECKING:
    from store.store import Store

NODE = "n1"
NOW_SECONDS = 1


def claim_of(store: Store, container: str, pool_name: str, family: int, prefix_bits: int) -> Claim:
    """A claim of one address of one pool."""
    wanted = FamilyClaim(family, [PoolChoice(pool_name, prefix_bits)])
    attachment = Attachment(NODE, "bench", container, "eth0")
    holder = Holder("default", "web", "", "")
    return Claim(attachment, holder, [wanted], store.pools.rules_digest())


def release_of(container: str) -> Release:
    """What gives back all that a container holds."""
    return Release(Attachment(NODE, "bench", container, "eth0"))
