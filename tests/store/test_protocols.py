"""The store is what the Protocols ask for; the type checker says so of every signature."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from model.protocols import (
        FactSource,
        Journal,
        Leases,
        Objects,
        Pools,
        PoolWriter,
        Sightings,
    )
    from store.store import Store

SOURCE = Path(__file__).parents[2] / "model" / "protocols.py"
METHODS = {
    one.name: [part.name for part in one.body if isinstance(part, ast.FunctionDef)]
    for one in ast.parse(SOURCE.read_text()).body
    if isinstance(one, ast.ClassDef)
}


def parts(
    store: Store,
) -> tuple[FactSource, Pools, Objects, Leases, Sightings, Journal, PoolWriter]:
    """Each part as its Protocol: a signature that differs does not pass the type checker."""
    return (
        store.facts,
        store.pools,
        store.objects,
        store.leases,
        store.sightings,
        store.journal,
        store.writer,
    )


NAMES = ("FactSource", "Pools", "Objects", "Leases", "Sightings", "Journal", "PoolWriter")


@pytest.mark.parametrize("name", NAMES)
def test_a_part_has_every_method_of_its_protocol(store: Store, name: str) -> None:
    part = parts(store)[NAMES.index(name)]
    assert METHODS[name]
    assert [one for one in METHODS[name] if not callable(getattr(part, one, None))] == []


def test_no_protocol_is_forgotten() -> None:
    assert set(METHODS) == set(NAMES)
