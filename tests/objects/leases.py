"""The Protocol `Leases` on objects."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from model.errors import StoreBusyError
from model.leases import (
    BOUND,
    KEPT,
    RESTING,
    Attachment,
    Busy,
    Claim,
    Lease,
    LetGo,
    TakeOver,
)

if TYPE_CHECKING:
    from model.leases import Operation, Outcome
from tests.objects.claims import leases_of, standing
from tests.objects.ledger import Ledger
from tests.objects.operations import Operations
from tests.objects.pools import digest_of
from tests.objects.world import Rules, World, held_by_tenant, lease_order


class ObjectLeases:
    """Leases and the operations on them. Every read is one list, so of one moment."""

    def __init__(self, ledger: Ledger, rest_seconds: int) -> None:
        self._ledger = ledger
        self._rest_seconds = rest_seconds

    def execute(self, operations: Sequence[Operation], now_seconds: int) -> builtins.list[Outcome]:
        """One outcome an operation, in their order; each alone, so that one may be Busy."""
        acting = Operations(self._ledger, digest_of, now_seconds, self._rest_seconds)
        return [_perform(acting, one) for one in operations]

    def by_attachment(self, attachment: Attachment) -> builtins.list[Lease]:
        """The bound leases of an attachment, IPv4 first."""
        return self._where(lambda one: one.state == BOUND and one.attachment == attachment)

    def by_tenant(self, tenant: str) -> builtins.list[Lease]:
        """The leases that a TakeOver by this tenant would rebind, IPv4 first."""
        reserved = Rules(self._ledger.client).reserved
        return held_by_tenant(standing(self._ledger.all()), reserved, tenant)[1]

    def by_address(self, family: int, address: int) -> Lease | None:
        """The lease of an address, in any state."""
        found = self._where(lambda one: (one.family, one.address) == (family, address))
        return found[0] if found else None

    def by_pool(self, pool: str) -> builtins.list[Lease]:
        """All leases of a pool in any state, by address."""
        return self._where(lambda one: one.pool == pool)

    def kept(self) -> builtins.list[Lease]:
        """All kept leases, by tenant, IPv4 first."""
        found = self._where(lambda one: one.state == KEPT)
        return sorted(found, key=lambda one: (one.holder.tenant, *lease_order(one)))

    def by_network(self, node: str, network: str) -> builtins.list[Lease]:
        """The bound leases of all attachments of a node to a network, by family and address."""
        return self._where(
            lambda one: (
                one.state == BOUND
                and (one.attachment.node, one.attachment.network) == (node, network)
            )
        )

    def by_pod(self, namespace: str, name: str) -> builtins.list[Lease]:
        """The bound and kept leases of a Pod, IPv4 first."""
        return self._where(
            lambda one: (
                one.state != RESTING
                and (one.holder.pod_namespace, one.holder.pod_name) == (namespace, name)
            )
        )

    def next_free(self, pool: str, now_seconds: int) -> int | None:
        """The address that a claim on this pool alone would get now; None if it is full."""
        rules = Rules(self._ledger.client)
        if pool not in rules.pools:
            return None
        world = World(self._ledger, rules, now_seconds, self._rest_seconds, stale=False)
        return world.pick(pool, rules.pools[pool].serving.rules.family)

    def _where(self, wanted: Callable[[Lease], bool]) -> builtins.list[Lease]:
        return sorted((one for one in self._all() if wanted(one)), key=lease_order)

    def _all(self) -> Iterator[Lease]:
        return (lease for _, lease in leases_of(standing(self._ledger.all())))


def _perform(acting: Operations, operation: Operation) -> Outcome:
    try:
        if isinstance(operation, Claim):
            return acting.claim(operation)
        if isinstance(operation, TakeOver):
            return acting.take_over(operation)
        if isinstance(operation, LetGo):
            return acting.let_go(operation)
        return acting.release(operation)
    except StoreBusyError:
        return Busy()
