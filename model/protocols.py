"""What any store must do: the SQLite store today, the Kubernetes API later.

No transaction object and no callback under a lock crosses these Protocols (design section 7):
values go in, values come out. What one implementation adds stands beside them, above all what
SQLite's one transaction gives: a batch of operations or of pools that is written as a whole, and
the check that no two pools overlap in the same moment. ADR 12 says how objects without
transactions fulfil them. A CNI call never imports this module (it needs `typing`).

Where the store cannot be reached or written within a bounded wait, `execute` answers `Busy` and
everything else raises `StoreBusyError`; the same call may be made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.facts import NamespaceFacts, NodeFacts, PodFacts, Unknown
    from model.journal import JournalEntry
    from model.leases import Attachment, Lease, Operation, Outcome
    from model.pools import (
        Anchor,
        Conflict,
        DefaultPool,
        ObjectRecord,
        PoolRecord,
        PoolUsage,
        ServingPool,
    )
    from model.sightings import Sighting


@runtime_checkable
class FactSource(Protocol):
    """Where facts come from. A section that is not there is `Unknown`, never an error."""

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod. `uid` (empty: any) must agree with the stored one, where that has one."""

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace."""

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node."""


@runtime_checkable
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

    def default_checks(self, family: int) -> list[DefaultPool]:
        """The same pools in no order, and of them no more than decides whether they stand."""

    def has_default(self, family: int) -> bool:
        """Whether any pool of the family has `spec.default: true`."""

    def serving_anchored(
        self,
        family: int,
        anchors: Sequence[Anchor],
        subjects: Sequence[str] = (),
        after: bytes = b"",
        limit: int = 16,
        *,
        with_room: bool = False,
    ) -> list[ServingPool]:
        """The next default pools of the family in the order of `PoolRecord.sort`, up to `limit`.

        All with `sort` beyond `after` that serve (neither disabled nor terminating) and that are
        filed under one of `anchors`, or under any anchor with one of `subjects`. Others may be
        among them: the caller checks each pool. Fewer than `limit` means that there are no more.
        With `with_room` pools of which nothing can be claimed may be left out.
        """

    def get(self, name: str) -> PoolRecord | None:
        """One whole pool."""

    def list(self) -> list[PoolRecord]:
        """All whole pools, in natural order of name."""

    def usage(self, names: Sequence[str]) -> dict[str, PoolUsage]:
        """Counts of the named pools that exist."""

    def has_free(self, family: int, names: Sequence[str] | None) -> bool | None:
        """Whether a pool that serves has an address, of these or (None) the default ones.

        None if there is no such pool.
        """


@runtime_checkable
class Objects(Protocol):
    """Everything that is applied and is no pool."""

    def get(self, kind: str, namespace: str, name: str) -> ObjectRecord | None:
        """One object."""

    def list(self, kind: str, namespace: str | None = None) -> list[ObjectRecord]:
        """All objects of a kind, of one namespace or of all (None), in natural order."""


@runtime_checkable
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

    def by_network(self, node: str, network: str) -> list[Lease]:
        """The bound leases of all attachments of a node to a network, by family and address."""

    def by_pod(self, namespace: str, name: str) -> list[Lease]:
        """The bound and kept leases of a Pod."""

    def next_free(self, pool: str, now_seconds: int) -> int | None:
        """The address that a claim on this pool alone would get now; None if it is full."""


@runtime_checkable
class Sightings(Protocol):
    """What `reconcile` remembers between two runs."""

    def list(self) -> list[Sighting]:
        """All sightings, by family and address."""

    def update(self, seen: Sequence[Sighting], gone: Sequence[Sighting]) -> None:
        """Add `seen`, each in place of another of its address, and forget `gone`."""


@runtime_checkable
class Journal(Protocol):
    """What happened to leases, oldest first.

    What is too old may be forgotten; what is left of one address is the end of its story, whole.
    """

    def of_address(self, family: int, address: int) -> list[JournalEntry]:
        """Every change of this address."""

    def of_pod(self, namespace: str, name: str) -> list[JournalEntry]:
        """Every change of every address this Pod held."""

    def known_from(self) -> int | None:
        """The second from which every change is there; None if nothing ever changed."""

    def row_count(self) -> int:
        """How many changes are there."""

    def prune(self, before_seconds: int, most_rows: int, work: int) -> bool:
        """Forget what is from before `before_seconds`, and the oldest changes above `most_rows`.

        0 is no bound by number. Never the change that brought a lease into its present state.
        Looks at `work` changes at most; whether there may be more to forget.
        """


@runtime_checkable
class PoolWriter(Protocol):
    """Writing pools and objects. Once a call has returned, no claim on older ones is answered."""

    def write(
        self,
        pools: Sequence[PoolRecord],
        objects: Sequence[ObjectRecord],
        if_revision: Mapping[str, str],
        now_seconds: int,
        *,
        dry_run: bool = False,
    ) -> list[Conflict]:
        """Write all, or nothing if the result names a conflict; made again, it is a no-op.

        `if_revision` maps `KIND/NAME` or `KIND/NAMESPACE/NAME` to the revision that must be there,
        empty for none. Bound and kept leases never leave their pool, and a pool that is drained is
        never taken back. Beside the Protocol: where several records are written, whether others
        may see, or an error may leave, only some of them; and the check of overlapping pools.
        """

    def delete_pool(self, name: str, if_revision: str, now_seconds: int = 0) -> list[Conflict]:
        """Delete a pool that holds no bound or kept lease, else say who holds them."""

    def delete_object(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there was such an object; it is gone now."""


class Store(Protocol):
    """One door to all of these."""

    @property
    def facts(self) -> FactSource:
        """Pods, Namespaces and Nodes as rules see them."""

    @property
    def pools(self) -> Pools:
        """Pools and their counts."""

    @property
    def objects(self) -> Objects:
        """Everything that was applied and is no pool."""

    @property
    def leases(self) -> Leases:
        """Who holds what, and the operations that change it."""

    @property
    def sightings(self) -> Sightings:
        """Leases whose holder was found gone."""

    @property
    def journal(self) -> Journal:
        """What happened to leases."""

    @property
    def writer(self) -> PoolWriter:
        """Writing pools and objects."""
