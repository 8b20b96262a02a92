"""Which field of a pool's manifest each of its checks comes from."""

from __future__ import annotations

from collections.abc import Iterator

from policy.annotations import REQUIRE
from policy.auto_pools import auto_checks, is_auto_created
from policy.places import Path
from policy.pool_spec import PoolSpec
from policy.resources.shapes import LabelSelector
from policy.selectors import located_checks


def requirement_paths(pool: PoolSpec) -> tuple[Path, ...]:
    """One path a `require` clause of `policy.compile.compile_pool`, in its order."""
    return tuple(_paths(pool))


def _paths(pool: PoolSpec) -> Iterator[Path]:
    written = pool.document.data["spec"].get("ipVersion") is not None
    yield ("spec", "ipVersion" if written else "subnet")
    if pool.pod_affinity is not None and is_auto_created(pool.labels):
        yield from (("spec", "podAffinity") for _ in auto_checks(pool.pod_affinity))
    else:
        yield from selector_paths("podAffinity", pool.pod_affinity)
    yield from _either("nodeName", pool.node_name, "nodeAffinity", pool.node_affinity)
    yield from _either(
        "namespaceName", pool.namespace_name, "namespaceAffinity", pool.namespace_affinity
    )
    if pool.multus_name:
        yield ("spec", "multusName")
    yield from (("metadata", "annotations", REQUIRE) for _ in pool.extensions.require)


def _either(
    name_field: str, names: tuple[str, ...], field: str, selector: LabelSelector | None
) -> Iterator[Path]:
    if names:
        yield ("spec", name_field)
    else:
        yield from selector_paths(field, selector)


def selector_paths(field: str, selector: LabelSelector | None) -> Iterator[Path]:
    """One path a requirement of `spec.FIELD`, as `policy.selectors.located_checks` orders them."""
    if selector is not None:
        subject = field.removesuffix("Affinity") + ".label"
        yield from (("spec", field, *path) for path, _ in located_checks(field, subject, selector))
