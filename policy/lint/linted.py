"""What rules look at: pools with their places and normal forms, and analyses that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from model.errors import ManifestError
from policy.compile import compile_pool, lower
from policy.lint.asked import Asked
from policy.lint.cluster import Cluster
from policy.lint.pools import LintedPool
from policy.lint.standings import Standings
from policy.lint.world import World, WorldPool
from policy.load import Loaded, read_valid
from policy.pool_spec import PoolSpec
from policy.settings import AuthoringSettings


@dataclass
class Linted:
    """Everything that is linted together.

    `files` are the names of the files in the order given, `texts` their contents. `loaded` has all
    valid objects, `refused` what `apply` would say of the others. `world` is None unless one was
    given: what stands in the linted files alone is no whole cluster.
    """

    files: Sequence[str]
    loaded: Loaded
    refused: Sequence[ManifestError]
    settings: AuthoringSettings
    world: World | None = None
    texts: Mapping[str, bytes] = field(default_factory=dict)
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

    @cached_property
    def standings(self) -> Standings:
        """The pools that Pods get without naming them, and how they stand to each other."""
        return Standings(self.pools)

    @cached_property
    def asked(self) -> Asked:
        """Who asks for addresses there, and of which pools."""
        return Asked(self.cluster)


def read_linted(
    texts: Sequence[tuple[str, bytes]], settings: AuthoringSettings, world: World | None = None
) -> Linted:
    """What is to be linted, of (file name, content) pairs. Never raises, whatever they hold."""
    loaded, errors = read_valid(texts, settings)
    return Linted([name for name, _ in texts], loaded, errors, settings, world, dict(texts))


def _linted(spec: PoolSpec, install_namespace: str) -> LintedPool:
    rules = lower(
        compile_pool(spec, install_namespace),
        default=spec.default,
        disabled=spec.disable,
        terminating=bool(spec.deleted_at),
    )
    return LintedPool(spec, rules)
