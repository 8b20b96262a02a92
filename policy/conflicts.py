"""Conflicts that the store found, as errors at their place in the manifests."""

from __future__ import annotations

from model.errors import ManifestError
from model.intervals import Interval
from model.pools import Conflict
from policy.places import Path
from policy.pool_spec import PoolSpec
from policy.validate_ranges import range_texts
from policy.wording import shown


def conflict_error(conflict: Conflict, pool: PoolSpec) -> ManifestError:
    """What kept the store from writing this pool, for the person who wrote it."""
    document = pool.document
    texts = range_texts(conflict.family, ((conflict.first, conflict.last),))
    addresses, other = shown(texts[0]), shown(conflict.other)
    ips = _entry(pool, (conflict.first, conflict.last))
    if conflict.kind == "address-overlap":
        message = f"{addresses} also belongs to the pool {other}"
        hint = f"take it out of one of the pools, for example with `excludeIPs: [{texts[0]}]`"
        return document.error("address-overlap", ips, message, hint)
    if conflict.kind == "subnet-overlap":
        message = f"the subnet `{pool.subnet.text}` overlaps that of the pool {other}"
        hint = "pools share a subnet by writing the same one, or have disjoint ones"
        return document.error("subnet-overlap", ("spec", "subnet"), message, hint)
    if conflict.kind == "address-in-use":
        message = f"{addresses} is held by {other} and would leave the pool"
        hint = "keep it in `spec.ips` until it is released"
        return document.error("address-in-use", ips, message, hint)
    if conflict.kind == "immutable-field":
        message = f"{shown('spec.' + conflict.other)} of the pool cannot be changed"
        hint = "delete the pool and create it anew, or give the new one another name"
        return document.error("immutable-field", ("spec", conflict.other), message, hint)
    message = f"the pool {shown(conflict.pool)} was changed by somebody else meanwhile"
    hint = "look at it, then apply again"
    return document.error("invalid-manifest", ("metadata", "name"), message, hint)


def _entry(pool: PoolSpec, wanted: Interval) -> Path:
    """The entry of `ips` that holds the first of the addresses, or else the list."""
    for index, entry in enumerate(pool.ips.entries):
        if entry is not None and entry[0] <= wanted[1] and wanted[0] <= entry[1]:
            return ("spec", "ips", index)
    return ("spec", "ips")
