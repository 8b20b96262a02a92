"""Released addresses rest, come back to their tenant, and go to others in good order."""

from __future__ import annotations

import pytest

from model.leases import Existing, Holder, NoneLeft, NothingHeld, Release, Released
from model.pools import PoolUsage
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
    take_over,
    texts,
    write,
)

WEB = holder("web-1", "u1")


@pytest.fixture
def three(store: Store) -> Store:
    """A pool of three addresses with a quarantine of 30 seconds."""
    write(store, pool("a", "10.0.0.1-10.0.0.3", quarantine=30))
    return store


def test_a_released_address_rests_while_another_is_free(three: Store) -> None:
    claim(three, "c1", "a")
    release(three, "c1")
    (lease,) = three.leases.by_pool("a")
    assert (lease.state, lease.rests_until_seconds, lease.changed_at_seconds) == (
        "resting",
        NOW + 30,
        NOW,
    )
    assert claim(three, "c2", "a", now=NOW + 29) == "10.0.0.2"
    assert claim(three, "c3", "a", now=NOW + 30) == "10.0.0.1"
    assert events(three, "10.0.0.1") == ["claimed", "released", "reclaimed", "claimed"]


def test_when_nothing_else_is_free_the_one_that_rested_longest_is_taken(three: Store) -> None:
    for container in ("c1", "c2", "c3"):
        claim(three, container, "a")
    release(three, "c3", NOW + 1)
    release(three, "c1", NOW + 2)
    release(three, "c2", NOW + 2)
    given = [claim(three, f"d{i}", "a", now=NOW + 3) for i in range(4)]
    assert given == ["10.0.0.3", "10.0.0.1", "10.0.0.2", NoneLeft(4)]


def test_next_free_is_what_a_claim_gets_through_all_of_this(three: Store) -> None:
    moments = [NOW, NOW + 1, NOW + 2, NOW + 3, NOW + 40, NOW + 40]
    for place, now in enumerate(moments):
        expected = three.leases.next_free("a", now)
        given = claim(three, f"c{place}", "a", now=now)
        assert given == NoneLeft(4) if expected is None else number(given) == expected
        if place in (1, 2):
            release(three, f"c{place}", now)
    assert three.leases.next_free("nowhere", NOW) is None


def test_with_no_quarantine_an_address_is_free_at_once(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.3", quarantine=0))
    claim(store, "c1", "a")
    release(store, "c1")
    assert store.leases.by_pool("a") == []
    assert claim(store, "c2", "a") == "10.0.0.1"
    assert events(store, "10.0.0.1") == ["claimed", "released", "claimed"]


def test_a_release_gives_the_leases_as_they_were_and_is_a_no_op_the_second_time(
    three: Store,
) -> None:
    outcome = run(three, claim_of(three, "c1", "a"))
    assert run(three, Release(attachment("c1"))) == Released(outcome.leases)
    assert run(three, Release(attachment("c1"))) == Released([])
    assert three.leases.by_attachment(attachment("c1")) == []
    assert three.leases.by_pod("shop", "web-1") == []


def test_a_better_pool_gives_its_resting_address_before_a_lesser_pool_is_asked(
    store: Store,
) -> None:
    write(store, pool("a", "10.0.0.1"), pool("b", "10.0.0.2"))
    claim(store, "c1", "a")
    release(store, "c1")
    assert claim(store, "c2", "a", "b") == "10.0.0.1"


# --- the tenant


@pytest.mark.parametrize("state", ["bound", "resting", "kept"])
def test_a_tenant_takes_its_lease_over_from_any_state(three: Store, state: str) -> None:
    claim(three, "c1", "a", who=WEB)
    if state == "resting":
        release(three, "c1", NOW + 1)
    if state == "kept":
        run(three, Release(attachment("c1"), keep=True), NOW + 1)
    outcome = take_over(three, "c2", WEB, NOW + 5)
    (lease,) = outcome.leases
    assert isinstance(outcome, Existing)
    assert (texts(lease), lease.state, lease.attachment, lease.changed_at_seconds) == (
        "10.0.0.1",
        "bound",
        attachment("c2"),
        NOW + 5,
    )
    assert lease.rests_until_seconds == 0
    assert three.leases.by_attachment(attachment("c2")) == [lease]
    assert three.leases.by_attachment(attachment("c1")) == []
    assert three.pools.usage(["a"])["a"].allocated == 1
    assert events(three, "10.0.0.1")[-1] == "taken-over"


def test_the_answer_is_the_old_one_after_the_pool_was_edited(three: Store) -> None:
    before = run(three, claim_of(three, "c1", "a", who=WEB)).leases[0].answer
    write(three, pool("a", "10.0.0.1-10.0.0.3", quarantine=30, gateway="10.0.0.254"))
    assert take_over(three, "c2", WEB).leases[0].answer == before


def test_a_late_release_of_the_old_sandbox_frees_nothing(three: Store) -> None:
    claim(three, "c1", "a", who=WEB)
    (lease,) = take_over(three, "c2", WEB).leases
    assert release(three, "c1") == []
    assert three.leases.by_attachment(attachment("c2")) == [lease]


def test_a_repeated_take_over_changes_nothing(three: Store) -> None:
    claim(three, "c1", "a", who=WEB)
    first = take_over(three, "c2", WEB)
    assert take_over(three, "c2", WEB, NOW + 9) == first
    assert events(three, "10.0.0.1") == ["claimed", "taken-over"]


NOBODY = [
    ("no tenant at all", holder("web-1")),
    ("another UID", holder("web-1", "u2")),
    ("another Pod", holder("web-2", "u1")),
    ("another interface", holder("web-1", "u1", ifname="net1")),
]


@pytest.mark.parametrize("who", [row[1] for row in NOBODY], ids=[row[0] for row in NOBODY])
def test_nobody_else_takes_a_lease_over(three: Store, who: Holder) -> None:
    claim(three, "c0", "a", who=holder("web-1"))  # a lease without tenant
    claim(three, "c1", "a", who=WEB)
    assert take_over(three, "c2", who) == NothingHeld()
    assert three.leases.by_tenant(who.tenant) == []
    assert three.leases.by_attachment(attachment("c2")) == []


def test_what_was_given_on_to_others_cannot_be_taken_back(three: Store) -> None:
    claim(three, "c1", "a", who=WEB)
    release(three, "c1")
    for container in ("c2", "c3", "c4"):
        claim(three, container, "a")
    assert take_over(three, "c5", WEB) == NothingHeld()


def test_a_claim_by_a_tenant_whose_own_address_rests_gets_another(three: Store) -> None:
    claim(three, "c1", "a", who=WEB)
    release(three, "c1")
    assert claim(three, "c2", "a", who=WEB) == "10.0.0.2"
    assert [texts(one) for one in three.leases.by_tenant(WEB.tenant)] == ["10.0.0.2"]


def test_a_claim_by_a_tenant_gets_its_own_resting_address_if_it_is_the_last(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    claim(store, "c1", "a", who=WEB)
    release(store, "c1")
    assert claim(store, "c1", "a", who=WEB) == "10.0.0.1"


def test_of_several_leases_left_behind_the_bound_one_is_taken_over(three: Store) -> None:
    claim(three, "c1", "a", who=WEB)
    release(three, "c1", NOW + 1)
    claim(three, "c1", "a", who=WEB, now=NOW + 2)
    (lease,) = take_over(three, "c2", WEB, NOW + 3).leases
    assert texts(lease) == "10.0.0.2"
    release(three, "c2", NOW + 4)
    (lease,) = take_over(three, "c3", WEB, NOW + 5).leases
    assert texts(lease) == "10.0.0.2"  # both rest: the latest


def test_a_bound_lease_comes_before_one_that_was_released_later(three: Store) -> None:
    claim(three, "c1", "a", who=WEB)
    claim(three, "c2", "a", who=WEB, now=NOW + 1)
    release(three, "c2", NOW + 2)
    (lease,) = take_over(three, "c3", WEB, NOW + 3).leases
    assert texts(lease) == "10.0.0.1"


def test_a_resting_address_that_was_reserved_is_not_taken_back(three: Store) -> None:
    claim(three, "c1", "a", who=WEB)
    release(three, "c1")
    write(three, objects=[reserved("r", "10.0.0.1")])
    assert three.leases.by_tenant(WEB.tenant) == []
    assert take_over(three, "c2", WEB) == NothingHeld()
    assert three.pools.usage(["a"])["a"] == PoolUsage(3, 0, 1, 2)
    write(three, objects=[reserved("r")])
    (lease,) = take_over(three, "c2", WEB).leases
    assert texts(lease) == "10.0.0.1"


def test_an_interface_with_two_families_is_taken_over_whole(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"), pool("six", "fd00::1", subnet="fd00::/64"))
    run(store, both(store, "c1", who=WEB))
    release(store, "c1")
    outcome = take_over(store, "c2", WEB)
    assert [texts(lease) for lease in outcome.leases] == ["10.0.0.1", "fd00::1"]


def test_an_interface_of_which_one_family_was_given_on_is_not_taken_over(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"), pool("six", "fd00::1", subnet="fd00::/64"))
    run(store, both(store, "c1", who=WEB))
    release(store, "c1")
    assert claim(store, "c2", "six", family=6) == "fd00::1"
    assert take_over(store, "c3", WEB) == NothingHeld()
    assert store.leases.by_tenant(WEB.tenant) == []


def test_a_reserved_resting_address_goes_to_nobody(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.2"))
    claim(store, "c1", "a")
    release(store, "c1")
    write(store, objects=[reserved("r", "10.0.0.1")])
    assert claim(store, "c2", "a") == "10.0.0.2"
    assert claim(store, "c3", "a") == NoneLeft(4)
    assert store.leases.next_free("a", NOW) is None
    assert claim(store, "c3", "a", now=NOW + 90) == NoneLeft(4)
