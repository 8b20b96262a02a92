"""Pools and other objects as the store keeps them."""

from __future__ import annotations

from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.intervals import Intervals
    from model.rules import Check, PoolRules, Route

# What a pool is filed under, so that facts find it: subject, key or empty, value or empty.
Anchor = tuple[str, str, str]
# Of a pool with `spec.default`: name, `PoolRecord.sort`, checks, disabled, terminating.
DefaultPool = tuple[str, bytes, "Sequence[Check]", bool, bool]


class ServingPool(Record):
    """What a CNI call needs of a pool: its rules, and what the answer says besides the address.

    `subnet_first` is the network address of the pool's subnet, as a number.
    """

    __slots__ = ("gateway", "prefix_bits", "routes", "rules", "subnet_first")

    def __init__(
        self,
        rules: PoolRules,
        subnet_first: int,
        prefix_bits: int,
        gateway: str = "",
        routes: Sequence[Route] = (),
    ) -> None:
        self.rules = rules
        self.subnet_first = subnet_first
        self.prefix_bits = prefix_bits
        self.gateway = gateway
        self.routes = routes


class PoolRecord(Record):
    """A whole pool, as `apply` writes it and `get` reads it.

    `ranges` is `ips` without `excludeIPs`, in normal form.
    `manifest` is the object as it was applied, defaults included, plain JSON values. `rule_text` is
    the text that `serving.rules` was parsed from. `quarantine_seconds` is None where the setting
    holds. `revision` is opaque, empty before the first write; `created_at_seconds` likewise 0.
    `sort` orders the pools that are candidates without a list, best first, as bytes do.
    `alternatives` are the requirements that a store may file the pool under, the preferred first:
    only facts with one of the anchors of each can satisfy the rules. A pool without any is never
    found by its anchors.
    """

    __slots__ = (
        "alternatives",
        "created_at_seconds",
        "manifest",
        "quarantine_seconds",
        "ranges",
        "revision",
        "rule_text",
        "serving",
        "sort",
    )

    def __init__(
        self,
        serving: ServingPool,
        ranges: Intervals,
        manifest: Mapping[str, object],
        rule_text: str,
        quarantine_seconds: int | None = None,
        revision: str = "",
        created_at_seconds: int = 0,
        sort: bytes = b"",
        alternatives: Sequence[Sequence[Anchor]] = (),
    ) -> None:
        self.serving = serving
        self.ranges = ranges
        self.manifest = manifest
        self.rule_text = rule_text
        self.quarantine_seconds = quarantine_seconds
        self.revision = revision
        self.created_at_seconds = created_at_seconds
        self.sort = sort
        self.alternatives = alternatives

    @property
    def name(self) -> str:
        """The pool's name."""
        return self.serving.rules.name


class PoolUsage(Record):
    """Counts of addresses, exact at any size.

    `total` counts `ips` without `excludeIPs`; `allocated` counts bound and kept leases; `resting`
    counts resting ones; `free` is what could be claimed now, resting included, reserved not.
    """

    __slots__ = ("allocated", "free", "resting", "total")

    def __init__(self, total: int, allocated: int, resting: int, free: int) -> None:
        self.total = total
        self.allocated = allocated
        self.resting = resting
        self.free = free


class ObjectRecord(Record):
    """Any object that is not a pool: Pod, Namespace, Node, workload, SpiderReservedIP, network.

    `namespace` is empty for cluster-scoped kinds. `facts` holds the JSON form of what decisions
    read (`model.facts` for Pod, Namespace, Node; `{"family", "ranges"}` with integers as text for
    SpiderReservedIP), else it is empty. `seen_at_seconds` is when this version was first seen.
    """

    __slots__ = (
        "facts",
        "kind",
        "manifest",
        "name",
        "namespace",
        "revision",
        "seen_at_seconds",
        "source",
        "uid",
    )

    def __init__(
        self,
        kind: str,
        namespace: str,
        name: str,
        manifest: Mapping[str, object],
        facts: Mapping[str, object],
        uid: str = "",
        source: str = "file",
        revision: str = "",
        seen_at_seconds: int = 0,
    ) -> None:
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.manifest = manifest
        self.facts = facts
        self.uid = uid
        self.source = source
        self.revision = revision
        self.seen_at_seconds = seen_at_seconds


class Conflict(Record):
    """Why the store refused a pool: values, which the caller turns into an error with a span.

    `kind` is `address-overlap` (`first`..`last` also belong to pool `other`), `subnet-overlap`
    (another subnet, of pool `other`, overlaps), `address-in-use` (`first` is held by `other`, a
    Pod or attachment, and would leave the pool), `immutable-field` (`other` names the field, as
    in `spec.subnet`), `terminating` (the pool is being drained), or `revision` (somebody else
    changed the pool meanwhile).
    """

    __slots__ = ("family", "first", "kind", "last", "other", "pool")

    def __init__(
        self, pool: str, kind: str, other: str = "", family: int = 4, first: int = 0, last: int = 0
    ) -> None:
        self.pool = pool
        self.kind = kind
        self.other = other
        self.family = family
        self.first = first
        self.last = last
