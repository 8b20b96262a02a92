"""What an operation costs does not depend on the pool's size, on how many addresses are held, on
how many ranges the pool is cut into, or on how long the journal is.

Nothing is timed: statements are counted, and the steps of SQLite's machine, and calls of Python.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

from bench.operations import claim_of, release_of
from bench.sizes import SIZES, Size, Stores, world_name
from model.addresses import address_text
from model.leases import Claimed, NoneLeft, Released
from store.bits import SHIFT
from store.create import create_store
from store.repair import check
from store.store import Store, open_store
from tests.soak import scaled
from tests.store.build import NOW, number, pool, write

MOST_HELD = scaled(100_000, 1_000_000)
HOST = Size("/32", 4, number("10.0.0.1"), 32)  # one address; `Size` itself leaves out two
FAMILIES = {4: 32, 6: 128}
# What one read or write of a node costs SQLite and Python, at most.
STEPS_A_NODE, CALLS_A_NODE = 20, 30


class Cost(NamedTuple):
    """Statements on other tables; reads and writes of nodes; steps of SQLite; calls of Python."""

    statements: int
    nodes: int
    steps: int
    calls: int


def cost(store: Store, call: Callable[[], object]) -> Cost:
    connection = store.database.connection
    statements: list[str] = []
    steps = calls = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def event(_: FrameType, kind: str, what: Any) -> None:
        nonlocal calls
        calls += kind in ("call", "c_call") and what is not step

    connection.set_trace_callback(statements.append)
    connection.set_progress_handler(step, 1)
    sys.setprofile(event)
    try:
        call()
    finally:
        sys.setprofile(None)
        connection.set_progress_handler(None, 0)
        connection.set_trace_callback(None)
    nodes = sum("FROM node" in one or "INTO node" in one for one in statements)
    return Cost(len(statements) - nodes, nodes, steps, calls - steps - len(statements))


def costs(store: Store, size: Size) -> dict[str, Cost]:
    """The cost of each operation of a Pod's life, and of two questions, on the pool `p`."""
    claim = claim_of(store, "x", "p", size.family, size.prefix_bits)
    outcomes: list[Any] = []

    def run(operation: Any) -> Callable[[], None]:
        return lambda: outcomes.extend(store.leases.execute([operation], NOW))

    free = store.leases.next_free("p", NOW)
    assert free is not None
    (family,) = claim.families
    requested = claim.replace(families=[family.replace(address=free)])
    found = {
        "next free": cost(store, lambda: store.leases.next_free("p", NOW)),
        "claim": cost(store, run(claim)),
        "usage": cost(store, lambda: store.pools.usage(["p"])),
        "leases": cost(store, lambda: store.leases.by_attachment(claim.attachment)),
        "release": cost(store, run(release_of("x"))),
        "claim of one": cost(store, run(requested)),
        "release of one": cost(store, run(release_of("x"))),
    }
    assert [type(one) for one in outcomes] == [Claimed, Released] * 2
    assert [one.leases[0].address for one in outcomes] == [free] * 4
    return found


def assert_no_dearer(name: str, found: Cost, base: Cost, width: int) -> None:
    """As many statements, and more nodes only as far as the tree is high."""
    levels = -(-width // SHIFT)
    more = max(found.nodes - base.nodes, 0)
    assert found.nodes <= 4 * levels, name
    assert found.statements <= base.statements, name
    assert found.steps <= base.steps + STEPS_A_NODE * (more + 2), name
    assert found.calls <= base.calls + CALLS_A_NODE * (more + 2), name


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    return Stores(tmp_path_factory.mktemp("scale"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cost]:
    """The cost with one address in all, and nothing held."""
    with create_store(tmp_path_factory.mktemp("base") / "ipam.db") as store:
        store.settings.set("quarantine_seconds", "0")
        write(store, pool("p", "10.0.0.1"))
        return costs(store, HOST)


WORLDS = [(size, held) for size in SIZES for held in (0, 10_000, MOST_HELD) if held < size.count]


@pytest.mark.parametrize(("size", "held"), WORLDS, ids=[world_name(*world) for world in WORLDS])
def test_no_size_and_no_number_held_makes_anything_dearer(
    stores: Stores, base: dict[str, Cost], size: Size, held: int
) -> None:
    with open_store(str(stores.path(size, held))) as store:
        assert store.pools.usage(["p"])["p"].allocated == held
        for name, found in costs(store, size).items():
            assert_no_dearer(name, found, base[name], size.width)


def test_leases_prepared_in_bulk_make_a_store_that_is_whole(stores: Stores) -> None:
    with open_store(str(stores.path(SIZES[1], 10_000))) as store:
        assert check(store) == []
        (lease,) = store.leases.within(4, number("10.0.39.16"), number("10.0.39.16"))
        assert (lease.answer.address, lease.attachment.container_id) == (
            "10.0.39.16/16",
            "held-9999",
        )


# --- a pool cut into very many ranges

PIECES = 5_000


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A pool of every other address of 10,000, none of them held."""
    with create_store(tmp_path_factory.mktemp("cut") / "ipam.db") as store:
        store.settings.set("quarantine_seconds", "0")
        start = number("10.0.0.0")
        texts = [address_text(4, start + 2 * piece) for piece in range(PIECES)]
        write(store, pool("p", *texts, subnet="10.0.0.0/16"))
        yield store
        assert check(store) == []


def test_thousands_of_ranges_make_nothing_dearer_full_or_not(
    cut: Store, base: dict[str, Cost]
) -> None:
    for name, found in costs(cut, HOST).items():
        assert_no_dearer(name, found, base[name], 32)
    claims = [claim_of(cut, f"c{piece}", "p", 4, 16) for piece in range(PIECES - 1)]
    assert all(isinstance(one, Claimed) for one in cut.leases.execute(claims, NOW))
    for name, found in costs(cut, HOST).items():
        assert_no_dearer(name, found, base[name], 32)
    cut.leases.execute([claim_of(cut, "last", "p", 4, 16)], NOW)
    refused = claim_of(cut, "late", "p", 4, 16)
    outcomes: list[object] = []
    found = cost(cut, lambda: outcomes.extend(cut.leases.execute([refused], NOW)))
    assert outcomes == [NoneLeft(4)]
    assert_no_dearer("a refusal", found, base["claim"], 32)


# --- many that rest


@pytest.mark.parametrize("moment", ["while they rest", "when they have rested"])
def test_many_resting_addresses_make_a_claim_no_dearer_than_some(
    tmp_path: Path, moment: str
) -> None:
    found = []
    for count in (400, 4000):
        with create_store(tmp_path / f"{count}.db") as store:
            write(store, pool("p", "10.0.0.0/16", subnet="10.0.0.0/16", quarantine=60))
            claims = [claim_of(store, f"c{place}", "p", 4, 16) for place in range(count)]
            store.leases.execute(claims, NOW)
            store.leases.execute([release_of(f"c{place}") for place in range(count)], NOW)
            now = NOW + (30 if moment == "while they rest" else 90)
            claim = claim_of(store, "x", "p", 4, 16)
            found.append(cost(store, partial(store.leases.execute, [claim], now)))
            assert check(store) == []
    assert_no_dearer(moment, found[1], found[0], 32)
