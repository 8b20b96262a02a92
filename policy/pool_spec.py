"""A pool's specification after validation: numbers instead of text, defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass

from grammar.tree import Require
from model.intervals import Interval, Intervals
from model.rules import Route
from policy.documents import Document
from policy.resources.shapes import LabelSelector


@dataclass(frozen=True, slots=True)
class Subnet:
    """A network: `family`, its first and last address, its prefix length, its canonical text."""

    family: int
    first: int
    last: int
    prefix_bits: int
    text: str

    def holds(self, first: int, last: int) -> bool:
        """Whether all of `first`..`last` is inside."""
        return self.first <= first and last <= self.last


@dataclass(frozen=True, slots=True)
class RangeList:
    """`ips` or `excludeIPs`: as they will be stored, and as one set of numbers.

    `entries` has one interval (or None where it is wrong) an entry as written, for places.
    """

    texts: tuple[str, ...] = ()
    ranges: Intervals = ()
    entries: tuple[Interval | None, ...] = ()


@dataclass(frozen=True, slots=True)
class PoolAnnotations:
    """What the `poolweaver.io/` annotations say."""

    priority: int = 0
    quarantine_seconds: int | None = None
    require: tuple[Require, ...] = ()


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """One valid pool. Selectors are as written: null is absent, empty is not.

    `deleted_at` is `metadata.deletionTimestamp`, empty for a pool that nobody deletes.
    """

    document: Document
    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    subnet: Subnet
    ips: RangeList
    exclude: RangeList
    gateway: str
    written_routes: tuple[Route, ...]
    routes: tuple[Route, ...]
    pod_affinity: LabelSelector | None
    node_affinity: LabelSelector | None
    namespace_affinity: LabelSelector | None
    node_name: tuple[str, ...]
    namespace_name: tuple[str, ...]
    multus_name: tuple[str, ...]
    deleted_at: str
    default: bool
    disable: bool
    extensions: PoolAnnotations
