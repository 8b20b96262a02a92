"""What a claim lets go of counts as free for it: addresses that its tenant holds and gives up."""

from __future__ import annotations

from model.leases import RESTING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from model.leases import Lease
    from store.store import Store

RESERVED = "SpiderReservedIP"


def freed_by(store: Store, given_up: Sequence[Lease]) -> list[Lease]:
    """The leases whose addresses a claim could have when it lets go of these.

    Not those that rest: they are free already. Nor those that are reserved by now.
    """
    going = [lease for lease in given_up if lease.state != RESTING]
    reserved = [record.facts for record in store.objects.list(RESERVED)] if going else []
    return [lease for lease in going if not any(_holds_it(facts, lease) for facts in reserved)]


def by_pool(leases: Sequence[Lease]) -> dict[str, int]:
    """How many of the leases each pool has."""
    counts: dict[str, int] = {}
    for lease in leases:
        counts[lease.pool] = counts.get(lease.pool, 0) + 1
    return counts


def _holds_it(facts: Any, lease: Lease) -> bool:
    """Whether a SpiderReservedIP of these facts holds the address."""
    return facts["family"] == lease.family and any(
        int(first) <= lease.address <= int(last) for first, last in facts["ranges"]
    )
