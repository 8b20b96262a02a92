"""Claims of exactly the addresses that containers hold already, as another IPAM gave them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.addresses import address_text
from model.errors import ManifestError
from model.intervals import contains
from model.leases import (
    RESTING,
    Attachment,
    Claim,
    Claimed,
    FamilyClaim,
    Holder,
    NoneLeft,
    PoolChoice,
)
from model.pools import PoolRecord
from model.spans import Span
from store.store import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """One address that a container holds, and where that was read."""

    attachment: Attachment
    family: int
    number: int
    span: Span

    @property
    def text(self) -> str:
        """The address as text."""
        return address_text(self.family, self.number)


def claim_all(
    whole: Store,
    wanted: Sequence[Wanted],
    pools: Mapping[int, PoolRecord],
    reason: str,
    now_seconds: int,
    errors: list[ManifestError],
) -> Counter[str]:
    """Binds each container's addresses, all of an interface or none; adds what prevents it.

    Inside the caller's transaction. Counts addresses `taken over` and `unchanged`.
    """
    interfaces: dict[Attachment, list[Wanted]] = {}
    for one in wanted:
        interfaces.setdefault(one.attachment, []).append(one)
    results: Counter[str] = Counter()
    for attachment, addresses in interfaces.items():
        held = whole.leases.by_attachment(attachment)
        if {(one.family, one.address) for one in held} == {(a.family, a.number) for a in addresses}:
            results["unchanged"] += len(addresses)
            continue
        found = [error for one in addresses for error in _obstacles(whole, one, pools)]
        if held:
            has = ", ".join(f"`{address_text(one.family, one.address)}`" for one in held)
            found.append(_wrong(addresses[0], f"this interface holds {has} here"))
        found += _twice(addresses)
        if not found:
            claim = _claim(whole, attachment, addresses, pools, reason)
            (outcome,) = whole.leases.execute([claim], now_seconds)
            if isinstance(outcome, Claimed):
                results["taken over"] += len(addresses)
                continue
            # Nobody holds it, and the pool has it: what is left is a reservation.
            assert isinstance(outcome, NoneLeft)
            (one,) = [each for each in addresses if each.family == outcome.family]
            found = [_wrong(one, f"`{one.text}` is reserved", "address-reserved")]
        errors += found
    return results


def _obstacles(whole: Store, one: Wanted, pools: Mapping[int, PoolRecord]) -> list[ManifestError]:
    pool = pools[one.family]
    if not contains(pool.ranges, one.number):
        message = f"`{one.text}` is no address of the pool `{pool.name}`"
        return [_wrong(one, message, "address-outside-pool")]
    lease = whole.leases.by_address(one.family, one.number)
    if lease is not None and lease.state != RESTING and lease.attachment != one.attachment:
        return [_wrong(one, f"`{one.text}` is held here by {lease.holder_text}")]
    return []


def _twice(addresses: Sequence[Wanted]) -> list[ManifestError]:
    """An interface has one address of a family here; another IPAM may have given it more."""
    seen: dict[int, Wanted] = {}
    found = []
    for one in addresses:
        first = seen.setdefault(one.family, one)
        if first is not one:
            message = f"`{one.text}` is a second IPv{one.family} address of this interface, beside "
            found.append(_wrong(one, f"{message}`{first.text}`", "held-twice"))
    return found


def _claim(
    whole: Store,
    attachment: Attachment,
    addresses: Sequence[Wanted],
    pools: Mapping[int, PoolRecord],
    reason: str,
) -> Claim:
    families = []
    for one in sorted(addresses, key=lambda each: each.family):
        serving = pools[one.family].serving
        choice = PoolChoice(
            serving.rules.name, serving.prefix_bits, serving.gateway, serving.routes, reason
        )
        families.append(FamilyClaim(one.family, [choice], one.number))
    return Claim(attachment, Holder(), families, whole.pools.rules_digest())


_HINTS = {
    "address-outside-pool": "add it to `spec.ips` of the pool",
    "held-by-another": "release the address here first, or end the container",
    "held-twice": "end the container: it gets one of each family when it starts again",
    "address-reserved": "delete the SpiderReservedIP, import, then apply it again",
}


def _wrong(one: Wanted, message: str, code: str = "held-by-another") -> ManifestError:
    return ManifestError(message, _HINTS[code], one.span, code)
