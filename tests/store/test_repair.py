"""`check` sees every kind of damage, and `rebuild` mends what can be derived."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from model.leases import NoneLeft
from store.create import create_store
from store.repair import check, rebuild
from store.store import Store
from tests.store.build import NOW, claim, holder, pool, release, reserved, write


@pytest.fixture
def used(path: str) -> Iterator[Store]:
    """A store with bound, resting and reserved addresses of both families."""
    with create_store(path) as store:
        write(
            store,
            pool("a", "10.0.0.1-10.0.0.9"),
            pool("b", "10.0.0.20-10.0.0.29"),
            pool("six", "fd00::/64", subnet="fd00::/64"),
            objects=[reserved("r", "10.0.0.1-10.0.0.2")],
        )
        for i in range(3):
            claim(store, f"c{i}", "a", who=holder(f"web-{i}", "u"))
            claim(store, f"s{i}", "six", family=6)
        release(store, "c1", NOW + 1)
        write(store, objects=[reserved("s", "10.0.0.3")])
        yield store


def test_a_whole_store_has_no_complaint(used: Store) -> None:
    assert check(used) == []


DAMAGE = [
    (
        "a bit too few",
        "DELETE FROM node WHERE family = 4",
        ["bitmap node 0/28000 of IPv4 does not agree with the leases"],
    ),
    (
        "a bit too many",
        "UPDATE node SET bits = x'0f' WHERE family = 6",
        ["bitmap node 0/3f4000000000000000000000000000 of IPv6 does not agree with the leases"],
    ),
    (
        "an empty node",
        "INSERT INTO node VALUES (4, 1, x'', x'')",
        ["bitmap node 1/0 of IPv4 does not agree with the leases"],
    ),
    (
        "a wrong count",
        "UPDATE pool_usage SET resting = 7 WHERE pool = 'a'",
        ["the counts of pool `a` do not agree with its leases"],
    ),
    (
        "no counts",
        "DELETE FROM pool_usage WHERE pool = 'b'",
        ["the counts of pool `b` do not agree with its leases"],
    ),
    (
        "a lease outside its pool",
        "UPDATE pool SET ranges = 'a000004-a000009', total = '6', claimable = 'a000004-a000009', "
        "claimable_total = '6' WHERE name = 'a'",
        [
            "`10.0.0.3` is held, but is no address of its pool `a`",
            "the ranges of pool `a` do not agree with the index over all ranges",
        ],
    ),
    (
        "a lease that does not know that it is reserved",
        "UPDATE lease SET reserved = 0 WHERE reserved",
        [
            "the counts of pool `a` do not agree with its leases",
            "the lease of `10.0.0.3` is wrong about whether the address is reserved",
        ],
    ),
    (
        "reserved addresses that may be claimed",
        "UPDATE pool SET claimable = ranges, claimable_total = total WHERE name = 'a'",
        ["the claimable addresses of pool `a` do not agree with the reserved ones"],
    ),
    (
        "ranges of a pool that is not there",
        "INSERT INTO pool_range VALUES (4, x'0a0000ff', x'0a0000ff', 'gone')",
        ["the index over all ranges names `gone`, which is no pool"],
    ),
    (
        "pools that share addresses",
        "UPDATE pool_range SET last = x'0a000014' WHERE pool = 'a'",
        [
            "the ranges of pool `a` do not agree with the index over all ranges",
            "pools `a` and `b` share addresses",
        ],
    ),
    (
        "a journal without its newest row",
        "DELETE FROM journal WHERE event = 'released'",
        ["the journal does not tell of the lease of `10.0.0.4`"],
    ),
    (
        "a journal that goes on without its lease",
        "INSERT INTO journal SELECT 99, at, 'released', family, address, pool, node, network, "
        "container_id, ifname, pod_namespace, pod_name, pod_uid, tenant, rules_digest, decision "
        "FROM journal WHERE address = x'0a000003'",
        ["the journal knows more of `10.0.0.3` than its lease"],
    ),
    (
        "a wrong digest of all rules",
        "UPDATE meta SET value = '7' WHERE key = 'rules_digest'",
        ["the digest of all rules is not the sum over all pools"],
    ),
    (
        "flags changed behind the digest",
        "UPDATE pool SET disabled = 1 WHERE name = 'b'",
        None,
    ),
    (
        "a rule text that nobody refers to",
        "INSERT INTO rule_text VALUES ('x', 1, 'rules 1', '[]')",
        ["the rule texts are not those of the pools"],
    ),
    (
        "a pool without its rule text",
        "DELETE FROM rule_text WHERE text LIKE '%six%'",
        ["the rule texts are not those of the pools"],
    ),
]


@pytest.mark.parametrize(
    ("damage", "expected"), [row[1:] for row in DAMAGE], ids=[row[0] for row in DAMAGE]
)
def test_damage_is_seen(used: Store, damage: str, expected: Any) -> None:
    used.database.run(damage)
    if expected is None:
        expected = [
            "the digest of pool `b` is not that of its rules",
            "the digest of all rules is not the sum over all pools",
        ]
    assert check(used) == expected


def test_bitmap_and_counts_are_rebuilt_from_the_leases(used: Store) -> None:
    used.database.run("DELETE FROM node")
    used.database.run("UPDATE pool_usage SET allocated = 5")
    rebuild(used)
    assert check(used) == []


def test_a_rebuilt_bitmap_of_full_nodes_is_the_one_that_was(store: Store) -> None:
    write(store, pool("a", "10.0.0.0-10.0.7.255", quarantine=0))
    for i in range(20):
        claim(store, f"c{i}", "a")
    nodes = store.database.rows("SELECT * FROM node")
    rebuild(store)
    assert store.database.rows("SELECT * FROM node") == nodes
    assert claim(store, "c1", "nowhere") != NoneLeft(4)  # it has its address already
