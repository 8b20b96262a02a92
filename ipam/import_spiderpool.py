"""IMPORT: Spiderpool's pools, reserved addresses and held addresses into a store.

    files ── load ──> pools, objects ──┐
      └─ SpiderEndpoint, allocatedIPs ─┴─ match ── one transaction:
                                                     1. pools, other objects
                                                     2. one lease an address that is held
                                                     3. reserved addresses

Reserved addresses come last, since reserving a held address does not disturb its holder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from ipam.apply import authoring_settings
from ipam.import_leases import Placing
from model.addresses import address_text
from model.errors import InvalidManifestsError, ManifestError
from model.facts_json import pod_from_json
from model.intervals import contains
from model.leases import RESTING
from model.pools import ObjectRecord, PoolRecord
from policy.conflicts import conflict_error
from policy.load import Loaded, load_valid
from policy.resources.endpoint import KIND as ENDPOINT
from policy.resources.spider import GROUP
from policy.spiderpool_match import Known, match
from policy.spiderpool_state import (
    Address,
    HeldInterface,
    read_endpoint,
    read_pool_entries,
)
from policy.wording import shown
from store.store import Store
from store.whole import as_one

RESERVED = "SpiderReservedIP"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of everything: counts of `created`, `configured`, `unchanged` (and `taken over`).

    `left_out` says why, for each that was not taken over; `at_large` are the addresses among them
    that may be handed out to others now. `skipped` counts objects of other kinds.
    """

    pools: Counter[str]
    reserved: Counter[str]
    others: Counter[str]
    addresses: Counter[str]
    pods: int
    left_out: tuple[ManifestError, ...]
    at_large: tuple[str, ...]
    skipped: dict[str, int]


@dataclass(slots=True)
class _Plan:
    """What is to be written, and the reasons against everything else."""

    loaded: Loaded
    pools: dict[str, PoolRecord]
    interfaces: list[HeldInterface]
    mentioned: set[Address]
    errors: list[ManifestError]


def import_spiderpool(
    store: Store,
    texts: Sequence[tuple[str, bytes]],
    now_seconds: int,
    *,
    skip_unplaced: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Take over what the (file name, content) pairs say Spiderpool has.

    All or nothing, in one transaction: raises `InvalidManifestsError` with everything that cannot
    be taken over and why; with `skip_unplaced` the rest is taken over all the same. Repeating it
    changes nothing. An address is bound to its Pod; the Pod's next sandbox takes it over by tenant.
    `StoreError` where the store cannot be written to. `dry_run` does everything and keeps nothing.
    """
    plan = _plan(store, texts, now_seconds)
    if plan.errors and not skip_unplaced:
        raise InvalidManifestsError(_in_order(plan.errors, texts))
    stateful_sets = bool(store.settings.get("enable_statefulset"))
    with as_one(store, dry_run=dry_run) as whole:
        results = whole.writer.compare(list(plan.pools.values()), plan.loaded.objects)
        reserved = [one for one in plan.loaded.objects if one.kind == RESERVED]
        others = [one for one in plan.loaded.objects if one.kind != RESERVED]
        _write(whole, plan, list(plan.pools.values()), others, now_seconds)
        placed = Placing(whole, stateful_sets, now_seconds)
        placed.place(plan.interfaces)
        if placed.errors and not skip_unplaced:
            raise InvalidManifestsError(_in_order(placed.errors, texts))
        _write(whole, plan, [], reserved, now_seconds)
        at_large = _at_large(whole, plan, placed.addresses)
    return ImportReport(
        Counter(results["SpiderIPPool", "", name] for name in plan.pools),
        _counted(results, reserved),
        _counted(results, others),
        Counter(placed.addresses.values()),
        len(placed.pods),
        tuple(_in_order([*plan.errors, *placed.errors], texts)),
        at_large,
        _skipped(plan.loaded),
    )


def _plan(store: Store, texts: Sequence[tuple[str, bytes]], now_seconds: int) -> _Plan:
    """Everything that can be said before the store is locked."""
    loaded, errors = load_valid(texts, authoring_settings(store))
    pools = {pool.name: pool for pool in loaded.pools}
    for name in [
        name
        for name in pools
        if loaded.specs[name].document.data["metadata"].get("deletionTimestamp")
    ]:
        errors.append(_terminating(loaded, name))
        del pools[name]
    _drop_conflicts(store, loaded, pools, errors, now_seconds)
    entries = [
        entry
        for pool in loaded.pools
        for entry in read_pool_entries(loaded.specs[pool.name].document, pool.name, errors)
    ]
    interfaces = [
        interface
        for one in loaded.skipped
        if one.kind == ENDPOINT and one.api_version.partition("/")[0] == GROUP
        for interface in read_endpoint(one.document, errors)
    ]
    pods = [pod_from_json(one.facts) for one in loaded.objects if one.kind == "Pod"]
    known = Known(pools, entries, {(pod.namespace, pod.name): pod for pod in pods})
    matched = match(interfaces, known)
    mentioned = {held.address for one in interfaces for held in one.addresses}
    mentioned |= {entry.address for entry in entries}
    return _Plan(loaded, pools, matched.interfaces, mentioned, errors + matched.errors)


def _terminating(loaded: Loaded, name: str) -> ManifestError:
    return loaded.specs[name].document.error(
        "terminating-pool",
        ("metadata", "deletionTimestamp"),
        f"the pool {shown(name)} is being deleted",
        "end the Pods that hold its addresses, so that it goes, then export again",
    )


def _drop_conflicts(
    store: Store,
    loaded: Loaded,
    pools: dict[str, PoolRecord],
    errors: list[ManifestError],
    now_seconds: int,
) -> None:
    """Take out the pools that the store would refuse, such as those that overlap another."""
    while conflicts := store.writer.write(list(pools.values()), [], {}, now_seconds, dry_run=True):
        errors.extend(conflict_error(one, loaded.specs[one.pool]) for one in conflicts)
        for one in conflicts:
            pools.pop(one.pool, None)


def _write(
    whole: Store,
    plan: _Plan,
    pools: Sequence[PoolRecord],
    objects: Sequence[ObjectRecord],
    now_seconds: int,
) -> None:
    conflicts = whole.writer.write(pools, objects, {}, now_seconds)
    if conflicts:  # somebody came between the plan and the lock
        specs = plan.loaded.specs
        raise InvalidManifestsError([conflict_error(one, specs[one.pool]) for one in conflicts])


def _at_large(whole: Store, plan: _Plan, done: dict[Address, str]) -> tuple[str, ...]:
    """Addresses that Spiderpool holds, nobody holds here, and a pool here may hand out."""
    reserved = [
        (one.facts["family"], int(first), int(last))
        for one in whole.objects.list(RESERVED)
        for first, last in cast("list[tuple[str, str]]", one.facts["ranges"])
    ]
    loose = []
    for family, number in sorted(plan.mentioned - set(done)):
        lease = whole.leases.by_address(family, number)
        if (
            (lease is None or lease.state == RESTING)
            and any(_has(pool, family, number) for pool in plan.pools.values())
            and not any(kind == family and a <= number <= b for kind, a, b in reserved)
        ):
            loose.append(address_text(family, number))
    return tuple(loose)


def _has(pool: PoolRecord, family: int, number: int) -> bool:
    return pool.serving.rules.family == family and contains(pool.ranges, number)


def _in_order(
    errors: Iterable[ManifestError], texts: Sequence[tuple[str, bytes]]
) -> list[ManifestError]:
    """By file as given, then by line and column."""
    files = {file: place for place, (file, _) in enumerate(texts)}

    def key(error: ManifestError) -> tuple[int, int, int]:
        span = error.span
        return (files.get(span.file, 0), span.line, span.column) if span else (0, 0, 0)

    return sorted(errors, key=key)


def _counted(
    results: dict[tuple[str, str, str], str], objects: Iterable[ObjectRecord]
) -> Counter[str]:
    return Counter(results[one.kind, one.namespace, one.name] for one in objects)


def _skipped(loaded: Loaded) -> dict[str, int]:
    return {kind: n for kind, n in loaded.skipped_counts().items() if kind != ENDPOINT}
