"""Conflicts that the store found, as errors at their place in the manifests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from model.errors import ManifestError
from model.intervals import Interval
from model.pools import Conflict
from policy.places import Path
from policy.pool_spec import PoolSpec
from policy.validate_ranges import range_texts
from policy.wording import shown

# Where a conflict is called otherwise than its error.
_CODES = {"terminating": "terminating-pool", "revision": "invalid-manifest"}
# The path of the field, the message, the hint.
_Told = tuple[Path, str, str]


def conflict_error(conflict: Conflict, pool: PoolSpec) -> ManifestError:
    """What kept the store from writing this pool, for the person who wrote it."""
    path, message, hint = _TELLERS[conflict.kind](conflict, pool)
    code = _CODES.get(conflict.kind, conflict.kind)
    return pool.document.error(code, path, message, hint)


def _address_overlap(conflict: Conflict, pool: PoolSpec) -> _Told:
    addresses = _addresses(conflict)
    example = f"`excludeIPs: [{addresses.strip('`')}]`"
    return (
        _entry(pool, conflict),
        f"{addresses} also belongs to the pool {shown(conflict.other)}",
        f"take it out of one of the pools, for example with {example}",
    )


def _subnet_overlap(conflict: Conflict, pool: PoolSpec) -> _Told:
    return (
        ("spec", "subnet"),
        f"the subnet `{pool.subnet.text}` overlaps that of the pool {shown(conflict.other)}",
        "pools share a subnet by writing the same one, or have disjoint ones",
    )


def _address_in_use(conflict: Conflict, pool: PoolSpec) -> _Told:
    message = f"{_addresses(conflict)} is held by {shown(conflict.other)} and would leave the pool"
    excluded = _find(pool.exclude.entries, conflict)
    if excluded is not None:
        hint = "leave it out of `spec.excludeIPs` until it is released"
        return ("spec", "excludeIPs", excluded), message, hint
    return _entry(pool, conflict), message, "keep it in `spec.ips` until it is released"


def _immutable_field(conflict: Conflict, pool: PoolSpec) -> _Told:  # noqa: ARG001 - as its peers
    return (
        tuple(conflict.other.split(".")),
        f"{shown(conflict.other)} of the pool cannot be changed",
        "delete the pool and create it anew, or give the new one another name",
    )


def _terminating(conflict: Conflict, pool: PoolSpec) -> _Told:  # noqa: ARG001 - as its peers
    return (
        ("metadata", "name"),
        f"the pool {shown(conflict.pool)} is being drained and cannot be changed",
        "it is deleted with its last address; apply it again then, or under another name",
    )


def _revision(conflict: Conflict, pool: PoolSpec) -> _Told:  # noqa: ARG001 - as its peers
    return (
        ("metadata", "name"),
        f"the pool {shown(conflict.pool)} was changed by somebody else meanwhile",
        "look at it, then apply again",
    )


_TELLERS: dict[str, Callable[[Conflict, PoolSpec], _Told]] = {
    "address-overlap": _address_overlap,
    "subnet-overlap": _subnet_overlap,
    "address-in-use": _address_in_use,
    "immutable-field": _immutable_field,
    "terminating": _terminating,
    "revision": _revision,
}


def _addresses(conflict: Conflict) -> str:
    texts = range_texts(conflict.family, ((conflict.first, conflict.last),))
    return shown(texts[0])


def _entry(pool: PoolSpec, conflict: Conflict) -> Path:
    """The entry of `ips` that holds the first of the addresses, or else the list."""
    index = _find(pool.ips.entries, conflict)
    return ("spec", "ips") if index is None else ("spec", "ips", index)


def _find(entries: Sequence[Interval | None], conflict: Conflict) -> int | None:
    """The place of the first entry that shares an address with the conflict."""
    for index, entry in enumerate(entries):
        if entry is not None and entry[0] <= conflict.last and conflict.first <= entry[1]:
            return index
    return None
