"""STATUS: whether the pools that a network falls back on still have an address."""

from __future__ import annotations

from ipam.gathering import enabled_families
from model.errors import CandidateError
from policy.select import CNI_CONFIG, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.store import Store


def exhausted(store: Store, cni_defaults: Mapping[int, Sequence[str]]) -> str:
    """That no pool of some family has an address left, in a line; empty if each family has one.

    The pools are those of the configuration, else all with `spec.default: true`: those of a Pod
    that names none. A family without such pools is not looked at.
    """
    named = any(cni_defaults.values())
    for family in enabled_families(store):
        names = _expanded(store, family, cni_defaults.get(family, ())) if named else None
        if store.pools.has_free(family, names) is False:
            which = "the pools of the configuration" if named else "pools with `spec.default: true`"
            return f"no IPv{family} address is left in {which}"
    return ""


def _expanded(store: Store, family: int, names: Sequence[str]) -> Sequence[str]:
    """The names, patterns expanded; a malformed pattern is told by ADD, not by STATUS."""
    try:
        return expand(names, CNI_CONFIG, family, store.pools.names)
    except CandidateError:
        return ()
