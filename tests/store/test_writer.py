"""What may be written, and what is refused in full and without a trace."""

from __future__ import annotations

from typing import Any

import pytest

from model.pools import Conflict
from store.repair import check
from store.store import Store
from tests.store.build import (
    NOW,
    claim,
    got,
    number,
    pool,
    release,
    reserved,
    write,
)


def overlap(late: str, early: str, first: str, last: str | None = None) -> Conflict:
    family = 6 if ":" in first else 4
    return Conflict(late, "address-overlap", early, family, number(first), number(last or first))


def in_use(name: str, who: str, address: str) -> Conflict:
    family = 6 if ":" in address else 4
    return Conflict(name, "address-in-use", who, family, number(address), number(address))


@pytest.fixture
def stored(store: Store) -> Store:
    write(
        store,
        pool("a", "10.0.0.10-10.0.0.19", "10.0.0.30-10.0.0.39"),
        pool("b", "10.0.0.20-10.0.0.29"),
    )
    return store


OVERLAPS = [
    ("equal", ["10.0.0.20-10.0.0.29"], [overlap("n", "b", "10.0.0.20", "10.0.0.29")]),
    ("inside", ["10.0.0.22"], [overlap("n", "b", "10.0.0.22")]),
    ("at the left end", ["10.0.0.1-10.0.0.10"], [overlap("n", "a", "10.0.0.10")]),
    ("at the right end", ["10.0.0.39-10.0.0.99"], [overlap("n", "a", "10.0.0.39")]),
    (
        "around several",
        ["10.0.0.0-10.0.0.255"],
        [
            overlap("n", "a", "10.0.0.10", "10.0.0.19"),
            overlap("n", "b", "10.0.0.20", "10.0.0.29"),
            overlap("n", "a", "10.0.0.30", "10.0.0.39"),
        ],
    ),
    ("none, between", ["10.0.0.9", "10.0.0.40"], []),
]


@pytest.mark.parametrize(
    ("ips", "expected"), [row[1:] for row in OVERLAPS], ids=[row[0] for row in OVERLAPS]
)
def test_addresses_of_another_pool_are_refused(
    stored: Store, ips: list[str] | str, expected: Any
) -> None:
    assert write(stored, pool("n", *ips)) == expected
    assert (stored.pools.get("n") is None) == bool(expected)


def test_numbers_of_the_other_family_are_other_addresses(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    assert write(store, pool("six", "::a00:1", subnet="::/64")) == []


def test_pools_of_one_batch_are_held_against_each_other(store: Store) -> None:
    batch = [
        pool("a", "10.0.0.1-10.0.0.9"),
        pool("b", "10.0.0.20"),
        pool("c", "10.0.0.5-10.0.0.12"),
        pool("d", "10.0.0.8-10.0.0.20"),
    ]
    assert write(store, *batch) == [
        overlap("c", "a", "10.0.0.5", "10.0.0.9"),
        overlap("d", "a", "10.0.0.8", "10.0.0.9"),
        overlap("d", "c", "10.0.0.8", "10.0.0.12"),
        overlap("d", "b", "10.0.0.20"),
    ]
    assert store.pools.list() == []


def test_a_batch_moves_addresses_from_one_pool_to_another(stored: Store) -> None:
    a = pool("a", "10.0.0.10-10.0.0.14", "10.0.0.25-10.0.0.39")
    b = pool("b", "10.0.0.15-10.0.0.24")
    assert write(stored, a, b) == []
    assert got(stored, "a").ranges == a.ranges
    assert got(stored, "b").ranges == b.ranges


def test_a_pool_may_grow_into_what_it_has_and_shrink_to_nothing(stored: Store) -> None:
    assert write(stored, pool("a", "10.0.0.5-10.0.0.19", "10.0.0.30-10.0.0.50")) == []
    assert write(stored, pool("a")) == []
    assert write(stored, pool("n", "10.0.0.12")) == []


SUBNETS = [
    ("the same one", "10.1.0.0/16", []),
    ("a neighbour", "10.2.0.0/16", []),
    ("one around it", "10.0.0.0/8", ["s"]),
    ("one around it with the same start", "10.1.0.0/15", None),
    ("one inside with the same start", "10.1.0.0/24", ["s"]),
    ("one inside", "10.1.7.0/24", ["s"]),
]


@pytest.mark.parametrize(
    ("subnet", "others"), [row[1:] for row in SUBNETS], ids=[row[0] for row in SUBNETS]
)
def test_subnets_are_equal_or_apart(store: Store, subnet: str, others: list[str] | None) -> None:
    if others is None:
        subnet, others = "10.0.0.0/15", ["s"]
    write(store, pool("s", subnet="10.1.0.0/16"))
    found = write(store, pool("n", subnet=subnet))
    assert [(one.pool, one.kind, one.other) for one in found] == [
        ("n", "subnet-overlap", other) for other in others
    ]


def test_a_subnet_with_the_same_start_and_another_length_is_refused(store: Store) -> None:
    write(store, pool("s", subnet="10.0.0.0/16"))
    for subnet in ("10.0.0.0/8", "10.0.0.0/24"):
        assert [one.kind for one in write(store, pool("n", subnet=subnet))] == ["subnet-overlap"]


def test_subnets_of_one_batch_are_held_against_each_other(store: Store) -> None:
    batch = [
        pool("small", subnet="10.1.7.0/24"),
        pool("same", subnet="10.1.7.0/24"),
        pool("large", subnet="10.1.0.0/16"),
        pool("apart", subnet="10.2.0.0/16"),
        pool("six", subnet="fd00::/64"),
    ]
    bounds = (number("10.1.0.0"), number("10.1.255.255"))
    assert write(store, *batch) == [Conflict("large", "subnet-overlap", "small", 4, *bounds)]


def test_every_new_pool_of_a_subnet_that_overlaps_is_named(store: Store) -> None:
    write(store, pool("s", subnet="10.0.0.0/8"))
    found = write(store, *[pool(name, subnet="10.1.0.0/16") for name in ("m", "n")])
    assert [(one.pool, one.kind, one.other) for one in found] == [
        ("m", "subnet-overlap", "s"),
        ("n", "subnet-overlap", "s"),
    ]


def test_subnet_and_family_of_a_pool_never_change(store: Store) -> None:
    write(store, pool("a", subnet="10.1.0.0/16"), pool("b", subnet="10.2.0.0/16"))
    found = write(store, pool("a", subnet="10.3.0.0/16"), pool("b", subnet="fd00::/64"))
    assert found == [
        Conflict("a", "immutable-field", "spec.subnet"),
        Conflict("b", "immutable-field", "spec.ipVersion", 6),
    ]


def test_held_addresses_may_not_be_moved_to_another_pool(stored: Store) -> None:
    claim(stored, "c1", "b")
    moved = [pool("a", "10.0.0.10-10.0.0.39"), pool("b")]
    assert write(stored, *moved) == [in_use("b", "shop/web-1", "10.0.0.20")]
    assert check(stored) == []


def test_all_conflicts_of_a_batch_come_back_in_its_order(stored: Store) -> None:
    claim(stored, "c1", "b")
    found = write(
        stored,
        pool("x", "10.0.0.12"),
        pool("b", "10.0.0.29"),
        pool("y", "172.16.0.1", subnet="172.16.0.0/16"),
        pool("z", subnet="10.7.0.0/16"),
        objects=[reserved("r", "10.0.0.1")],
    )
    assert [(one.pool, one.kind, one.other) for one in found] == [
        ("x", "address-overlap", "a"),
        ("b", "address-in-use", "shop/web-1"),
        ("z", "subnet-overlap", "b"),
    ]
    assert stored.pools.names(4) == ["a", "b"]
    assert stored.objects.list("SpiderReservedIP") == []


def revision_conflict(name: str) -> Conflict:
    return Conflict(name, "revision")


def test_a_dry_run_finds_conflicts_and_writes_nothing(stored: Store) -> None:
    dry = [pool("a"), pool("n", "10.0.0.15")]
    assert stored.writer.write(dry, [reserved("r", "10.0.0.1")], {}, NOW, dry_run=True) == []
    refused = stored.writer.write([pool("n", "10.0.0.15")], [], {}, NOW, dry_run=True)
    assert refused == [overlap("n", "a", "10.0.0.15")]
    assert stored.pools.names(4) == ["a", "b"]
    assert stored.objects.list("SpiderReservedIP") == []
    assert stored.leases.next_free("a", NOW) == number("10.0.0.10")


def test_compare_says_what_a_write_would_do(store: Store) -> None:
    before = [pool("a", "10.0.0.1"), pool("b", "10.0.0.2")]
    write(store, *before, objects=[reserved("r", "10.0.0.1"), reserved("s", "10.0.0.1")])
    after = [pool("a", "10.0.0.1"), pool("b", "10.0.0.3"), pool("c", "10.0.0.4")]
    objects = [reserved("r", "10.0.0.1"), reserved("s", "10.0.0.2"), reserved("t", "10.0.0.1")]
    assert store.writer.compare(after, objects) == {
        ("SpiderIPPool", "", "a"): "unchanged",
        ("SpiderIPPool", "", "b"): "configured",
        ("SpiderIPPool", "", "c"): "created",
        ("SpiderReservedIP", "", "r"): "unchanged",
        ("SpiderReservedIP", "", "s"): "configured",
        ("SpiderReservedIP", "", "t"): "created",
    }


def test_without_a_time_a_deletion_is_told_at_the_time_of_the_newest_change(stored: Store) -> None:
    claim(stored, "c1", "b")
    release(stored, "c1", NOW + 3)
    stored.writer.delete_pool("b", "")
    assert stored.journal.of_address(4, number("10.0.0.20"))[-1].at_seconds == NOW + 3
