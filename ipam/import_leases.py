"""Leases for what Spiderpool holds: each address bound to its Pod, as it was given.

The attachment is not that of the running sandbox, which Spiderpool does not record. The Pod's next
sandbox takes the addresses over by tenant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from model.addresses import address_text
from model.errors import ManifestError
from model.leases import (
    IMPORTED,
    RESTING,
    Attachment,
    Claim,
    Claimed,
    FamilyClaim,
    Holder,
    Lease,
    NoneLeft,
    PoolChoice,
    pod_tenant,
    stateful_set_tenant,
)
from policy.spiderpool_match import STATEFUL_SET
from policy.spiderpool_state import Address, HeldAddress, HeldInterface
from policy.wording import shown
from store.store import Store

REASON = "imported from Spiderpool"


class Placing:
    """Leases for interfaces. `addresses` says what became of each, `pods` whose they are."""

    def __init__(self, whole: Store, stateful_sets: bool, now_seconds: int) -> None:
        self._whole = whole
        self._stateful_sets = stateful_sets
        self._now_seconds = now_seconds
        self._digest = whole.pools.rules_digest()
        self.addresses: dict[Address, str] = {}
        self.pods: set[str] = set()
        self.errors: list[ManifestError] = []

    def place(self, interfaces: Iterable[HeldInterface]) -> None:
        """Claim what nobody holds here yet; an error for what somebody else does."""
        claims: list[tuple[HeldInterface, Claim]] = []
        for interface in interfaces:
            tenant = _tenant(interface, self._stateful_sets)
            held_here = _not_resting(self._whole.leases.by_tenant(tenant))
            wanted = {held.address for held in interface.addresses}
            if {(lease.family, lease.address) for lease in held_here} == wanted:
                self._done(interface, "unchanged")
                continue
            errors = list(self._obstacles(interface, held_here))
            self.errors.extend(errors)
            if not errors:
                claims.append((interface, _claim(interface, tenant, self._digest)))
        self._claim(claims)

    def _obstacles(
        self, interface: HeldInterface, held_here: Sequence[Lease]
    ) -> Iterable[ManifestError]:
        if held_here:
            texts = ", ".join(shown(address_text(one.family, one.address)) for one in held_here)
            message = f"{interface.pod_text} holds other addresses on {shown(interface.name)} here"
            hint = f"it has {texts} here: export again, or release them first"
            yield interface.document.error("held-by-another", interface.path, message, hint)
            return
        bound = self._whole.leases.by_attachment(_attachment(interface))
        if bound and bound[0].holder.pod_text != interface.pod_text:
            message = f"{interface.pod_text} has the UID of {_who(bound[0])}, which holds "
            message += f"{shown(address_text(bound[0].family, bound[0].address))} here"
            hint = "a UID is of one Pod: delete the SpiderEndpoint that is out of date, or release "
            hint += "the address here first"
            yield interface.document.error("held-by-another", interface.path, message, hint)
            return
        for held in interface.addresses:
            lease = self._whole.leases.by_address(*held.address)
            if lease is not None and lease.state != RESTING:
                message = f"{shown(address_text(*held.address))} is held here by {_who(lease)}"
                hint = "restart one of the two, or release the address here first"
                yield interface.document.error("held-by-another", held.path, message, hint)

    def _claim(self, claims: Sequence[tuple[HeldInterface, Claim]]) -> None:
        outcomes = self._whole.leases.execute([claim for _, claim in claims], self._now_seconds)
        for (interface, _), outcome in zip(claims, outcomes, strict=True):
            if isinstance(outcome, Claimed):
                self._done(interface, "taken over")
                continue
            # Nobody holds it, and the pool has it: what is left is a reservation of before.
            assert isinstance(outcome, NoneLeft)
            [held] = [one for one in interface.addresses if one.address[0] == outcome.family]
            message = f"{shown(address_text(*held.address))} is reserved in the store"
            hint = "delete the SpiderReservedIP there, import, then apply it again"
            self.errors.append(
                interface.document.error("address-reserved", held.path, message, hint)
            )

    def _done(self, interface: HeldInterface, result: str) -> None:
        self.addresses |= {held.address: result for held in interface.addresses}
        self.pods.add(interface.pod_text)


def _tenant(interface: HeldInterface, stateful_sets: bool) -> str:
    namespace, pod = interface.namespace, interface.pod
    kind, owner = interface.owner
    if kind == STATEFUL_SET and owner and stateful_sets:
        return stateful_set_tenant(namespace, owner, pod, interface.name)
    return pod_tenant(namespace, pod, interface.uid, interface.name)


def _attachment(interface: HeldInterface) -> Attachment:
    """The Pod's UID stands for its container's id."""
    return Attachment(interface.node, IMPORTED, interface.uid, interface.name)


def _claim(interface: HeldInterface, tenant: str, rules_digest: str) -> Claim:
    """The claim of exactly these addresses."""
    return Claim(
        _attachment(interface),
        Holder(interface.namespace, interface.pod, interface.uid, tenant),
        [_family_claim(held) for held in interface.addresses],
        rules_digest,
    )


def _family_claim(held: HeldAddress) -> FamilyClaim:
    choice = PoolChoice(held.pool, held.prefix_bits, held.gateway, held.routes, REASON)
    return FamilyClaim(held.address[0], [choice], held.address[1])


def _not_resting(leases: Iterable[Lease]) -> list[Lease]:
    return [lease for lease in leases if lease.state != RESTING]


def _who(lease: Lease) -> str:
    return shown(lease.holder_text)
