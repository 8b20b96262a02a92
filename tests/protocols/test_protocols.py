"""Both stores are what the Protocols ask for; the type checker says so of every signature."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from model import protocols
from model.protocols import (
    FactSource,
    Journal,
    Leases,
    Objects,
    Pools,
    PoolWriter,
    Sightings,
    Store,
)

if TYPE_CHECKING:
    from store.store import Store as SqliteStore
    from tests.objects.store import ObjectStore

PARTS = {
    "facts": FactSource,
    "pools": Pools,
    "objects": Objects,
    "leases": Leases,
    "sightings": Sightings,
    "journal": Journal,
    "writer": PoolWriter,
}


def as_protocols(sqlite: SqliteStore, objects: ObjectStore) -> list[Store]:
    """A signature that differs does not pass the type checker."""
    return [sqlite, objects]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_has_every_method_of_its_protocol(store: Store, name: str) -> None:
    assert isinstance(getattr(store, name), PARTS[name])


def test_no_protocol_is_forgotten() -> None:
    found = {
        one
        for _, one in inspect.getmembers(protocols, inspect.isclass)
        if one.__module__ == protocols.__name__
    }
    assert found == {*PARTS.values(), Store}
