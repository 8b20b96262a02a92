"""What rules look at: pools with their places and normal forms, and analyses that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from model.errors import ManifestError
from model.intervals import Intervals, subtract
from model.rules import PoolRules
from policy.compile import compile_pool, lower
from policy.documents import Document
from policy.lint.cluster import Cluster
from policy.lint.world import World, WorldPool
from policy.load import Loaded, read_valid
from policy.normal.box import Box, box_of
from policy.places import Path
from policy.pool_spec import PoolSpec
from policy.requirement_paths import requirement_paths
from policy.settings import AuthoringSettings


class LintedPool:
    """A valid pool. `rules` are what a store would hold, with the places of all checks."""

    def __init__(self, spec: PoolSpec, rules: PoolRules) -> None:
        self.spec = spec
        self.rules = rules

    @property
    def name(self) -> str:
        """The pool's name."""
        return self.spec.name

    @property
    def document(self) -> Document:
        """The manifest it stands in."""
        return self.spec.document

    @cached_property
    def box(self) -> Box:
        """The Pods that may use the pool, in normal form, its family included."""
        return box_of(self.rules.checks)

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Where each of `rules.checks` comes from."""
        return requirement_paths(self.spec)

    @cached_property
    def addresses(self) -> Intervals:
        """The addresses it has: `ips` without `excludeIPs`."""
        return subtract(self.spec.ips.ranges, self.spec.exclude.ranges)

    @property
    def is_candidate(self) -> bool:
        """Whether Pods get it without naming it: a default pool that is neither disabled nor
        deleted.
        """
        return self.rules.default and not self.rules.disabled and not self.rules.terminating


@dataclass
class Linted:
    """Everything that is linted together.

    `files` are the names of the files in the order given. `loaded` has all valid objects, `refused`
    what `apply` would say of the others. `world` is None unless one was given: what stands in the
    linted files alone is no whole cluster.
    """

    files: Sequence[str]
    loaded: Loaded
    refused: Sequence[ManifestError]
    settings: AuthoringSettings
    world: World | None = None
    pools: list[LintedPool] = field(init=False)

    def __post_init__(self) -> None:
        namespace = self.settings.install_namespace
        self.pools = [_linted(spec, namespace) for spec in self.loaded.specs.values()]

    @cached_property
    def by_name(self) -> dict[str, LintedPool]:
        """The pools by name."""
        return {pool.name: pool for pool in self.pools}

    @cached_property
    def given(self) -> frozenset[str]:
        """The kinds of which all objects are known."""
        return self.world.given if self.world else frozenset()

    @cached_property
    def cluster(self) -> Cluster:
        """What is known of the cluster: the world, and the linted objects before its own."""
        world = self.world or World()
        given = {(record.kind, record.namespace, record.name): record for record in world.objects}
        given |= {(one.kind, one.namespace, one.name): one for one in self.loaded.objects}
        pools = {pool.rules.name: pool for pool in world.pools}
        for linted in self.pools:
            before = pools.get(linted.name)
            holders = before.holders if before else ()
            pools[linted.name] = WorldPool(linted.rules, linted.addresses, holders)
        documents = {**world.documents, **self.loaded.documents}
        return Cluster(given, documents, pools, self.settings, world.cluster_network)


def read_linted(
    texts: Sequence[tuple[str, bytes]], settings: AuthoringSettings, world: World | None = None
) -> Linted:
    """What is to be linted, of (file name, content) pairs. Never raises, whatever they hold."""
    loaded, errors = read_valid(texts, settings)
    return Linted([name for name, _ in texts], loaded, errors, settings, world)


def _linted(spec: PoolSpec, install_namespace: str) -> LintedPool:
    rules = lower(
        compile_pool(spec, install_namespace),
        default=spec.default,
        disabled=spec.disable,
        terminating=bool(spec.deleted_at),
    )
    return LintedPool(spec, rules)
