"""Claims: the lowest address, all families or none, nothing on old rules."""

from __future__ import annotations

from typing import Any

import pytest

from model.leases import (
    Answer,
    Claim,
    Claimed,
    Existing,
    FamilyClaim,
    Lease,
    NoneLeft,
    PoolChoice,
    Release,
    Released,
    Stale,
)
from model.protocols import Store
from tests.store.build import (
    NOW,
    attachment,
    both,
    claim,
    claim_of,
    events,
    holder,
    number,
    pool,
    release,
    reserved,
    run,
    run_all,
    texts,
    write,
)

ROUTES = (("10.9.0.0/16", "10.0.0.254"),)


def test_a_claim_gives_a_whole_lease_and_stores_it(store: Store) -> None:
    write(store, pool("a", "10.0.0.5-10.0.0.9"))
    digest = store.pools.rules_digest()
    choice = PoolChoice("a", 8, "10.0.0.1", ROUTES, "pod-ippool; rank 1 of 1")
    operation = Claim(attachment(), holder(uid="u1"), [FamilyClaim(4, [choice])], digest)
    outcome = run(store, operation)
    (lease,) = outcome.leases
    expected = Lease(
        4,
        number("10.0.0.5"),
        "a",
        "bound",
        attachment(),
        holder(uid="u1"),
        Answer("10.0.0.5/8", "10.0.0.1", ROUTES),
        NOW,
        0,
        digest,
        "pod-ippool; rank 1 of 1",
        lease.revision,
    )
    assert outcome == Claimed([expected])
    assert lease.revision
    assert store.leases.by_attachment(attachment()) == [lease]
    assert store.leases.by_pool("a") == [lease]
    assert store.leases.by_pod("shop", "web-1") == [lease]
    assert store.leases.by_tenant(holder(uid="u1").tenant) == [lease]


def test_addresses_are_given_lowest_first_over_all_ranges(store: Store) -> None:
    write(store, pool("a", "10.0.0.7", "10.0.0.3-10.0.0.4", "10.1.0.0-10.1.0.1"))
    given = [claim(store, f"c{i}", "a") for i in range(6)]
    assert given[:5] == ["10.0.0.3", "10.0.0.4", "10.0.0.7", "10.1.0.0", "10.1.0.1"]
    assert given[5] == NoneLeft(4)


def test_a_full_pool_is_passed_over_for_the_next_choice(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), pool("b", "10.0.0.2"))
    given = [claim(store, f"c{i}", "a", "b") for i in range(3)]
    assert given == ["10.0.0.1", "10.0.0.2", NoneLeft(4)]


def test_a_repeated_claim_gives_the_same_lease_even_on_old_rules(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"))
    first = run(store, claim_of(store, "c1", "a"))
    again = run(store, claim_of(store, "c1", "a", digest="old"))
    assert again == Existing(first.leases)
    assert events(store, "10.0.0.1") == ["claimed"]


def test_a_claim_on_old_rules_is_stale_and_takes_nothing(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    old = claim_of(store, "c1", "a")
    write(store, pool("b", "10.0.0.2"))
    assert run(store, old) == Stale()
    assert store.leases.by_pool("a") == []


CHANGES_OF_RULES = [
    ("another rule", {"text": "rules 1 # other"}),
    ("default", {"default": True}),
    ("disabled", {"disabled": True}),
    ("priority", {"priority": 7}),
    ("gateway, as the answer carries it", {"gateway": "10.0.0.254"}),
    ("routes, likewise", {"routes": ROUTES}),
]


@pytest.mark.parametrize(
    "change", [row[1] for row in CHANGES_OF_RULES], ids=[row[0] for row in CHANGES_OF_RULES]
)
def test_every_change_that_decides_changes_the_digest_and_back(
    store: Store, change: dict[str, Any]
) -> None:
    write(store, pool("a", "10.0.0.1"))
    before = store.pools.rules_digest()
    write(store, pool("a", "10.0.0.1", **change))
    assert store.pools.rules_digest() != before
    write(store, pool("a", "10.0.0.1"))
    assert store.pools.rules_digest() == before


def test_draining_a_pool_changes_the_digest_and_its_end_changes_it_back(store: Store) -> None:
    """There is no way back from draining but the end of the pool."""
    write(store, pool("a", "10.0.0.1"))
    before = store.pools.rules_digest()
    write(store, pool("a", "10.0.0.1", terminating=True))
    assert store.pools.rules_digest() != before
    assert [one.kind for one in write(store, pool("a", "10.0.0.1"))] == ["terminating"]
    store.writer.delete_pool("a", "")
    write(store, pool("a", "10.0.0.1"))
    assert store.pools.rules_digest() == before


def test_a_change_of_addresses_alone_leaves_the_digest(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    before = store.pools.rules_digest()
    write(store, pool("a", "10.0.0.1-10.0.0.9"))
    assert store.pools.rules_digest() == before


def test_the_digest_does_not_depend_on_the_order_of_writing(store: Store) -> None:
    pools = [pool(f"p{i}", f"10.0.0.{i}") for i in range(5)]
    digests = set()
    for order in (pools, pools[::-1]):
        for one in order:
            write(store, one)
        digests.add(store.pools.rules_digest())
        for one in order:
            store.writer.delete_pool(one.name, "")
    assert len(digests) == 1


@pytest.fixture
def dual(store: Store) -> Store:
    write(
        store,
        pool("a", "10.0.0.1-10.0.0.9"),
        pool("six", "fd00::1", subnet="fd00::/64"),
    )
    return store


def test_all_families_are_claimed_together_and_released_together(dual: Store) -> None:
    outcome = run(dual, both(dual, "c1"))
    assert [texts(lease) for lease in outcome.leases] == ["10.0.0.1", "fd00::1"]
    assert [lease.answer.address for lease in outcome.leases] == ["10.0.0.1/8", "fd00::1/64"]
    assert release(dual, "c1") == ["10.0.0.1", "fd00::1"]


def test_where_one_family_is_full_the_other_is_not_taken_either(dual: Store) -> None:
    run(dual, both(dual, "c1"))
    assert run(dual, both(dual, "c2")) == NoneLeft(6)
    assert dual.leases.by_attachment(attachment("c2")) == []
    assert [texts(lease) for lease in dual.leases.by_pool("a")] == ["10.0.0.1"]
    assert events(dual, "10.0.0.2") == []
    assert events(dual, "fd00::1") == ["claimed"]


def test_a_failing_operation_does_not_disturb_the_others_of_its_batch(dual: Store) -> None:
    operations = [both(dual, "c1"), both(dual, "c2"), claim_of(dual, "c3", "a")]
    first, second, third = run_all(dual, operations)
    assert [texts(lease) for lease in first.leases] == ["10.0.0.1", "fd00::1"]
    assert second == NoneLeft(6)
    assert [texts(lease) for lease in third.leases] == ["10.0.0.2"]


def test_an_empty_batch_has_no_outcomes(store: Store) -> None:
    assert store.leases.execute([], NOW) == []


REQUESTS = [
    ("a free one", "10.0.0.8", "10.0.0.8"),
    ("a bound one", "10.0.0.1", NoneLeft(4)),
    ("a reserved one", "10.0.0.4", NoneLeft(4)),
    ("one outside the ranges", "10.0.0.10", NoneLeft(4)),
    ("one of the second choice", "10.2.0.3", "10.2.0.3"),
    ("a resting one, which is its only choice", "10.0.0.2", "10.0.0.2"),
]


@pytest.mark.parametrize(
    ("address", "expected"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS]
)
def test_a_requested_address_is_given_or_nothing(store: Store, address: str, expected: Any) -> None:
    pools = [pool("a", "10.0.0.1-10.0.0.9"), pool("b", "10.2.0.0-10.2.0.9")]
    write(store, *pools, objects=[reserved("r", "10.0.0.4")])
    claim(store, "c1", "a")
    claim(store, "c2", "a")
    release(store, "c2")
    assert claim(store, "c3", "a", "b", address=address) == expected


def test_a_pool_that_is_not_there_has_nothing_to_give(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    assert claim(store, "c1", "nowhere") == NoneLeft(4)
    assert claim(store, "c1", "a", family=6) == NoneLeft(6)


def test_interfaces_of_one_container_have_leases_of_their_own(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"))
    one = claim_of(store, "c1", "a")
    for place in (
        attachment("c1", ifname="net1"),
        attachment("c1", network="other"),
        attachment("c1", node="node2"),
    ):
        operation = Claim(place, holder(), one.families, one.rules_digest)
        assert isinstance(run(store, operation), Claimed)
    assert store.leases.by_attachment(attachment("c1")) == []
    assert run(store, Release(attachment("c1"))) == Released([])


@pytest.mark.parametrize(
    ("ips", "subnet", "count"),
    [
        ("10.0.0.7", "10.0.0.0/8", 1),
        ("10.0.0.6-10.0.0.7", "10.0.0.0/8", 2),
        ("10.0.0.4-10.0.0.7", "10.0.0.0/8", 4),
        ("10.1.2.0/24", "10.0.0.0/8", 256),
        ("fd00::7", "fd00::/64", 1),
        ("fd00::6-fd00::7", "fd00::/64", 2),
    ],
)
def test_a_range_is_given_out_whole_then_nothing_then_what_was_released(
    store: Store, ips: str, subnet: str, count: int
) -> None:
    give_out(store, ips, subnet, count)


def give_out(store: Store, ips: str, subnet: str, count: int) -> None:
    family = 6 if ":" in ips else 4
    write(store, pool("a", ips, subnet=subnet, quarantine=30))
    operations = [claim_of(store, f"c{i}", "a", family=family) for i in range(count + 1)]
    *given, last = run_all(store, operations)
    addresses = [outcome.leases[0].address for outcome in given]
    first = number(ips.split("-", maxsplit=1)[0].split("/", maxsplit=1)[0])
    assert addresses == list(range(first, first + count))
    assert last == NoneLeft(family)
    assert store.pools.usage(["a"])["a"].free == 0
    middle = f"c{count // 2}"
    (freed,) = release(store, middle)
    assert store.pools.usage(["a"])["a"].free == 1
    assert claim(store, "new", "a", family=family, now=NOW + 31) == freed
    assert claim(store, "more", "a", family=family, now=NOW + 31) == NoneLeft(family)


def test_a_pool_of_two_to_the_64_addresses_is_served_from_both_ends(store: Store) -> None:
    subnet = "fd00:0:0:1::/64"
    write(store, pool("a", subnet, subnet=subnet))
    assert claim(store, "c1", "a", family=6) == "fd00:0:0:1::"
    last = "fd00::1:ffff:ffff:ffff:ffff"
    assert claim(store, "c2", "a", family=6, address=last) == last
    assert claim(store, "c3", "a", family=6) == "fd00:0:0:1::1"
    usage = store.pools.usage(["a"])["a"]
    assert (usage.total, usage.allocated, usage.free) == (2**64, 3, 2**64 - 3)


def test_the_whole_of_ipv6_is_one_pool(store: Store) -> None:
    write(store, pool("all", "::/0", subnet="::/0"))
    assert claim(store, "c1", "all", family=6) == "::"
    usage = store.pools.usage(["all"])["all"]
    assert (usage.total, usage.free) == (2**128, 2**128 - 1)
    assert store.leases.next_free("all", NOW) == 1
