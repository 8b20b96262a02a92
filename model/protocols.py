"""What any store must do: the SQLite store today, the Kubernetes API later.

No transaction object and no callback under a lock crosses these Protocols (design section 7).
What one implementation adds stands beside them. Imported by type checkers and by tests; a CNI call
never imports this module (it needs `typing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from model.facts import NamespaceFacts, NodeFacts, PodFacts, Unknown
from model.journal import JournalEntry
from model.leases import Attachment, Lease, Operation, Outcome
from model.pools import Conflict, ObjectRecord, PoolRecord, PoolUsage, ServingPool
from model.sightings import Sighting


class FactSource(Protocol):
    """Where facts come from. A section that is not there is `Unknown`, never an error."""

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod. `uid` (empty: any) must agree with the stored one, where that has one."""

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace."""

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node."""


class Pools(Protocol):
    """Pools, their counts, and the digest of all their rules."""

    def rules_digest(self) -> str:
        """An order-independent digest of the rules of all pools."""

    def names(self, family: int) -> list[str]:
        """The names of all pools of a family, in natural order."""

    def serving(self, names: Sequence[str]) -> dict[str, ServingPool]:
        """The named pools that exist."""

    def serving_default(self, family: int) -> list[ServingPool]:
        """Every pool of the family with `spec.default: true`, in natural order of name."""

    def get(self, name: str) -> PoolRecord | None:
        """One whole pool."""

    def list(self) -> list[PoolRecord]:
        """All whole pools, in natural order of name."""

    def usage(self, names: Sequence[str]) -> dict[str, PoolUsage]:
        """Counts of the named pools that exist."""


class Objects(Protocol):
    """Everything that is applied and is no pool."""

    def get(self, kind: str, namespace: str, name: str) -> ObjectRecord | None:
        """One object."""

    def list(self, kind: str, namespace: str | None = None) -> list[ObjectRecord]:
        """All objects of a kind, of one namespace or of all (None), in natural order."""


class Leases(Protocol):
    """Who holds what."""

    def execute(self, operations: Sequence[Operation], now_seconds: int) -> list[Outcome]:
        """One outcome an operation. Each is all or nothing to observers; all durable on return."""

    def by_attachment(self, attachment: Attachment) -> list[Lease]:
        """The bound leases of an attachment, IPv4 first."""

    def by_tenant(self, tenant: str) -> list[Lease]:
        """The leases that this tenant could take over, in any state, IPv4 first."""

    def by_address(self, family: int, address: int) -> Lease | None:
        """The lease of an address, in any state."""

    def by_pool(self, pool: str) -> list[Lease]:
        """All leases of a pool in any state, by address."""

    def kept(self) -> list[Lease]:
        """All kept leases, by tenant, IPv4 first."""

    def by_pod(self, namespace: str, name: str) -> list[Lease]:
        """The bound and kept leases of a Pod."""

    def next_free(self, pool: str, now_seconds: int) -> int | None:
        """The address that a claim on this pool alone would get now; None if it is full."""


class Sightings(Protocol):
    """What `reconcile` remembers between two runs."""

    def list(self) -> list[Sighting]:
        """All sightings, by family and address."""

    def update(self, seen: Sequence[Sighting], gone: Sequence[Sighting]) -> None:
        """Add `seen`, each in place of another of its address, and forget `gone`."""


class Journal(Protocol):
    """What happened to leases, oldest first."""

    def of_address(self, family: int, address: int) -> list[JournalEntry]:
        """Every change of this address."""

    def of_pod(self, namespace: str, name: str) -> list[JournalEntry]:
        """Every change of every address this Pod held."""


class PoolWriter(Protocol):
    """Writing pools and objects; SQLite checks other pools inside the same transaction."""

    def write(
        self,
        pools: Sequence[PoolRecord],
        objects: Sequence[ObjectRecord],
        if_revision: Mapping[str, str],
        now_seconds: int,
        *,
        dry_run: bool = False,
    ) -> list[Conflict]:
        """Write all or, if the result names a conflict, nothing."""

    def delete_pool(self, name: str, if_revision: str) -> list[Conflict]:
        """Delete a pool that holds no bound or kept lease, else say who holds them."""

    def delete_object(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there was such an object; it is gone now."""
