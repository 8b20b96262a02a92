"""The cluster that `lint` is told of: a snapshot, the store of `--db`, or both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cli.inputs import read_file
from model.errors import InvalidManifestsError
from model.leases import RESTING
from model.pools import ObjectRecord
from policy.lint.linted import Linted, read_linted
from policy.lint.rule import Rule
from policy.lint.run import passed_over
from policy.lint.world import World, WorldPool
from policy.resources.kinds import KINDS
from policy.settings import AuthoringSettings
from store.read_only import open_to_read
from store.store import Store

Text = tuple[str, bytes]
_HOW = "give them --snapshot FILE or --store"


@dataclass(frozen=True, slots=True)
class Given:
    """The world (None: nothing is known), the settings that hold, and the texts of places."""

    world: World | None
    settings: AuthoringSettings
    texts: Sequence[Text] = ()


def read_world(
    snapshot: str | None, db: str | None, namespace: str | None, *, standalone: bool
) -> Given:
    """What is known of the cluster; `namespace` is the setting, None for the store's or the usual.

    Where both the store and a snapshot have an object or a pool, the snapshot's counts. Raises
    `InvalidManifestsError` for a snapshot that is not valid as a whole, and what opening a store
    raises.
    """
    world, settings = _of_store(db) if db else (World(), AuthoringSettings())
    if namespace is not None:
        settings = replace(settings, install_namespace=namespace)
    if not (snapshot or db or standalone):
        return Given(None, settings)
    world.standalone = standalone
    texts = [read_file(snapshot)] if snapshot else []
    if texts:
        _add_snapshot(world, texts, settings)
    return Given(world, settings, texts)


def not_run(linted: Linted, rules: Sequence[Rule] | None = None) -> list[str]:
    """What to say of the rules (None: of all) that were not run: a line a reason."""
    over = passed_over(linted, rules)
    if over and linted.world is None:
        return [f"{len(over)} rules need to know the cluster and were not run; {_HOW}"]
    reasons: dict[str, list[str]] = {}
    for rule, why in over:
        reasons.setdefault(why, []).append(rule.id)
    return [f"not run: {', '.join(rules)} ({why})" for why, rules in reasons.items()]


def _add_snapshot(world: World, texts: Sequence[Text], settings: AuthoringSettings) -> None:
    read = read_linted(texts, settings)
    if read.refused:
        raise InvalidManifestsError(list(read.refused))
    records = {(r.kind, r.namespace, r.name): r for r in (*world.objects, *read.loaded.objects)}
    pools = {pool.rules.name: pool for pool in world.pools}
    for pool in read.pools:
        held = pools[pool.name].holders if pool.name in pools else ()
        pools[pool.name] = WorldPool(pool.rules, pool.addresses, held)
    world.objects, world.pools = list(records.values()), list(pools.values())
    world.documents = read.loaded.documents


def _of_store(path: str) -> tuple[World, AuthoringSettings]:
    with open_to_read(path) as store:
        settings = store.settings.all()
        return World(
            list(_objects(store)),
            pools=list(_pools(store)),
            cluster_network=str(settings["cluster_network"]),
        ), AuthoringSettings(
            str(settings["namespace"]),
            bool(settings["enable_ipv4"]),
            bool(settings["enable_ipv6"]),
        )


def _objects(store: Store) -> Iterator[ObjectRecord]:
    for kind in KINDS:
        if kind != "SpiderIPPool":
            yield from store.objects.list(kind)


def _pools(store: Store) -> Iterator[WorldPool]:
    pools = store.pools.list()
    usage = store.pools.usage([pool.name for pool in pools])
    for pool in pools:
        used = pool.name in usage and usage[pool.name].allocated
        holders = [
            (lease.holder.pod_namespace, lease.holder.pod_name)
            for lease in (store.leases.by_pool(pool.name) if used else ())
            if lease.state != RESTING
        ]
        yield WorldPool(pool.serving.rules, pool.ranges, holders)
