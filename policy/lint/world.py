"""The cluster as far as it is known: what rules about names, Pods and workloads are held to.

    --snapshot FILE   what `kubectl get ... -o yaml` printed
    --store           what was applied, and who holds which address
    --standalone      that every node has a store of its own

A kind is *given* where the source has at least one object of it; then the source has all of them.
Manifests that are linted add to what is known, but make no kind given: they may be a part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model.intervals import Intervals
from model.pools import ObjectRecord
from model.rules import PoolRules
from policy.documents import Document
from policy.load import Key, Loaded

STANDALONE = "--standalone"


@dataclass(frozen=True, slots=True)
class WorldPool:
    """A pool of the source. `holders` are (namespace, name) of the Pods with a lease that nobody
    else may take; both are empty for what is no Pod.
    """

    rules: PoolRules
    addresses: Intervals
    holders: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class World:
    """A source. `documents` has the places of its objects, where it has places.

    `pools` are those of the source; a linted pool of the same name stands in for one of them.
    `cluster_network` is the setting of that name. `standalone`: each node has its own store.
    """

    objects: Sequence[ObjectRecord] = ()
    documents: Mapping[Key, Document] = field(default_factory=dict)
    pools: Sequence[WorldPool] = ()
    cluster_network: str = ""
    standalone: bool = False

    @property
    def given(self) -> frozenset[str]:
        """The kinds of which all objects are known, and `STANDALONE` if that was said."""
        said = (STANDALONE,) if self.standalone else ()
        return frozenset((*(record.kind for record in self.objects), *said))


def world_of(loaded: Loaded, pools: Sequence[WorldPool] = (), *, standalone: bool = False) -> World:
    """What a snapshot says; `pools` are the pools in it."""
    return World(loaded.objects, loaded.documents, pools, standalone=standalone)
