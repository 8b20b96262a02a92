"""Kept leases, letting go of a lease by what was read of it, and sightings."""

from __future__ import annotations

from typing import Any

import pytest

from model.leases import (
    Claimed,
    Existing,
    Holder,
    LetGo,
    NoneLeft,
    NothingHeld,
    Release,
    Released,
    Stale,
    TakeOver,
    pod_tenant,
    stateful_set_of,
    stateful_set_tenant,
)
from model.pools import PoolUsage
from model.protocols import Store
from model.sightings import Sighting
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
    take_over,
    texts,
    write,
)

TENANT = stateful_set_tenant("shop", "web", "web-1", "eth0")
WEB = Holder("shop", "web-1", "u1", TENANT)
KEEP = Release(attachment("c1"), keep=True)


@pytest.fixture
def one(store: Store) -> Store:
    """WEB has 10.0.0.1, of a pool of three with a quarantine of 30 seconds."""
    write(store, pool("a", "10.0.0.1-10.0.0.3", quarantine=30))
    claim(store, "c1", "a", who=WEB)
    return store


def lease_at(store: Store, text: str) -> Any:
    return store.leases.by_address(6 if ":" in text else 4, number(text))


def reasons(store: Store, text: str) -> list[str]:
    return [entry.decision for entry in store.journal.of_address(4, number(text))]


# --- tenants


def test_the_tenant_of_a_stateful_set_tells_its_parts_and_no_other_does() -> None:
    assert stateful_set_of(TENANT) == ("shop", "web", "web-1")
    assert stateful_set_of(pod_tenant("shop", "web-1", "u1", "eth0")) is None
    assert stateful_set_of("") is None


# --- keeping


def test_a_release_that_keeps_leaves_the_address_to_its_tenant_without_end(one: Store) -> None:
    before = lease_at(one, "10.0.0.1")
    assert run(one, KEEP, NOW + 5) == Released([before])
    kept = lease_at(one, "10.0.0.1")
    assert kept.revision not in ("", before.revision)
    assert kept == before.replace(state="kept", changed_at_seconds=NOW + 5, revision=kept.revision)
    assert one.leases.kept() == one.leases.by_tenant(TENANT) == [kept]
    assert one.leases.by_pod("shop", "web-1") == [kept]
    assert one.leases.by_attachment(attachment("c1")) == []
    assert one.pools.usage(["a"])["a"] == PoolUsage(3, 1, 0, 2)
    given = [claim(one, f"d{i}", "a", now=NOW + 3600) for i in range(2)]
    assert given == ["10.0.0.2", "10.0.0.3"]
    assert one.leases.next_free("a", NOW + 3600) is None
    assert events(one, "10.0.0.1") == ["claimed", "kept"]


def test_keeping_twice_is_a_no_op(one: Store) -> None:
    run(one, KEEP)
    kept = lease_at(one, "10.0.0.1")
    assert run(one, KEEP, NOW + 5) == Released([])
    assert run(one, LetGo([kept], "again", keep=True), NOW + 5) == Released([])
    assert lease_at(one, "10.0.0.1") == kept


def test_what_has_no_tenant_rests_though_it_is_to_be_kept(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.3", quarantine=30))
    claim(store, "c1", "a", who=holder("web-1"))
    run(store, KEEP)
    assert lease_at(store, "10.0.0.1").state == "resting"
    assert store.leases.kept() == []


def test_a_kept_address_may_be_reserved_and_counts_stay_exact(one: Store) -> None:
    run(one, KEEP)
    write(one, objects=[reserved("r", "10.0.0.1")])
    assert one.pools.usage(["a"])["a"] == PoolUsage(3, 1, 0, 2)
    run(one, LetGo([lease_at(one, "10.0.0.1")], "why"))
    assert one.pools.usage(["a"])["a"] == PoolUsage(3, 0, 1, 2)
    assert take_over(one, "c2", WEB) == NothingHeld()
    write(one, objects=[reserved("r")])
    take_over(one, "c2", WEB)
    write(one, objects=[reserved("r", "10.0.0.1")])
    run(one, Release(attachment("c2"), keep=True))
    assert one.pools.usage(["a"])["a"] == PoolUsage(3, 1, 0, 2)


def test_all_that_is_kept_is_listed_by_tenant_with_its_families_together(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"), pool("six", "fd00::1-fd00::9", subnet="fd00::/64"))
    for container in ("c2", "c1"):
        who = WEB.replace(tenant=f"statefulset/shop/web/{container}/eth0")
        run(store, both(store, container, who=who))
        run(store, Release(attachment(container), keep=True))
    claim(store, "c3", "a")
    assert [texts(lease) for lease in store.leases.kept()] == [
        "10.0.0.2",
        "fd00::2",
        "10.0.0.1",
        "fd00::1",
    ]


# --- letting go


def test_a_kept_lease_is_let_go_of_with_a_reason_in_the_journal(one: Store) -> None:
    run(one, KEEP)
    kept = lease_at(one, "10.0.0.1")
    assert run(one, LetGo([kept], "scaled down"), NOW + 5) == Released([kept])
    resting = lease_at(one, "10.0.0.1")
    assert (resting.state, resting.rests_until_seconds) == ("resting", NOW + 35)
    assert resting.decision == "why a"
    assert events(one, "10.0.0.1") == ["claimed", "kept", "released"]
    assert reasons(one, "10.0.0.1") == ["why a", "why a", "scaled down"]
    (taken,) = take_over(one, "c2", WEB, NOW + 6).leases
    assert taken.decision == "why a"


def test_a_bound_lease_is_let_go_of_or_kept(one: Store) -> None:
    bound = lease_at(one, "10.0.0.1")
    assert run(one, LetGo([bound], "gone", keep=True)) == Released([bound])
    assert lease_at(one, "10.0.0.1").state == "kept"
    assert reasons(one, "10.0.0.1")[-1] == "gone"
    (bound,) = take_over(one, "c2", WEB).leases
    assert run(one, LetGo([bound], "gone")) == Released([bound])
    assert lease_at(one, "10.0.0.1").state == "resting"
    assert release(one, "c2") == []


def test_letting_go_without_quarantine_frees_at_once(store: Store) -> None:
    write(store, pool("a", "10.0.0.1", quarantine=0))
    claim(store, "c1", "a", who=WEB)
    run(store, LetGo([lease_at(store, "10.0.0.1")], "gone"))
    assert lease_at(store, "10.0.0.1") is None
    assert reasons(store, "10.0.0.1") == ["why a", "gone"]
    assert claim(store, "c2", "a") == "10.0.0.1"


def test_a_lease_that_changed_since_it_was_read_is_left_alone(one: Store) -> None:
    old = lease_at(one, "10.0.0.1")
    take_over(one, "c2", WEB)
    new = lease_at(one, "10.0.0.1")
    assert run(one, LetGo([old], "gone")) == Stale()
    assert lease_at(one, "10.0.0.1") == new


def test_a_lease_of_another_on_the_same_address_is_left_alone(store: Store) -> None:
    write(store, pool("a", "10.0.0.1", quarantine=0))
    claim(store, "c1", "a", who=WEB)
    old = lease_at(store, "10.0.0.1")
    release(store, "c1")
    assert run(store, LetGo([old], "gone")) == Stale()
    claim(store, "c2", "a")
    assert run(store, LetGo([old], "gone")) == Stale()
    assert lease_at(store, "10.0.0.1").attachment == attachment("c2")


def test_of_several_leases_all_go_or_none(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), pool("six", "fd00::1", subnet="fd00::/64"))
    four, six = run(store, both(store, "c1", who=WEB)).leases
    assert run(store, LetGo([four, six.replace(revision="99")], "gone")) == Stale()
    assert [lease_at(store, one).state for one in ("10.0.0.1", "fd00::1")] == ["bound", "bound"]
    assert run(store, LetGo([four, six], "gone")) == Released([four, six])
    assert [lease_at(store, one).state for one in ("10.0.0.1", "fd00::1")] == ["resting"] * 2


def test_what_rests_is_left_as_it_is(one: Store) -> None:
    release(one, "c1")
    resting = lease_at(one, "10.0.0.1")
    assert run_all(one, [LetGo([resting], "gone"), LetGo([resting], "gone", keep=True)]) == [
        Released([]),
        Released([]),
    ]
    assert lease_at(one, "10.0.0.1") == resting


# --- letting go and claiming in one


def test_a_claim_that_lets_go_finds_what_it_let_go_of(store: Store) -> None:
    write(store, pool("a", "10.0.0.1", quarantine=30))
    claim(store, "c1", "a", who=WEB)
    run(store, KEEP)
    kept = lease_at(store, "10.0.0.1")
    operation = claim_of(store, "c2", "a", who=WEB).replace(letting_go=[kept], reason="moved")
    outcome = run(store, operation)
    assert isinstance(outcome, Claimed)
    assert outcome.leases == store.leases.by_attachment(attachment("c2"))
    assert events(store, "10.0.0.1") == ["claimed", "kept", "released", "reclaimed", "claimed"]
    assert reasons(store, "10.0.0.1")[2] == "moved"


@pytest.mark.parametrize("quarantine", [0, 30])
def test_a_claim_that_finds_nothing_lets_go_of_nothing(store: Store, quarantine: int) -> None:
    write(store, pool("a", "10.0.0.1", quarantine=quarantine), pool("b", "10.0.1.1"))
    claim(store, "c1", "a", who=WEB)
    claim(store, "other", "b")
    run(store, KEEP)
    kept = lease_at(store, "10.0.0.1")
    operation = claim_of(store, "c2", "b", who=WEB).replace(letting_go=[kept], reason="moved")
    assert run(store, operation) == NoneLeft(4)
    assert lease_at(store, "10.0.0.1") == kept
    assert events(store, "10.0.0.1") == ["claimed", "kept"]


def test_a_claim_that_lets_go_of_what_changed_since_is_stale(one: Store) -> None:
    old = lease_at(one, "10.0.0.1")
    run(one, KEEP)
    kept = lease_at(one, "10.0.0.1")
    operation = claim_of(one, "c2", "a", who=WEB).replace(letting_go=[old], reason="moved")
    assert run(one, operation) == Stale()
    assert lease_at(one, "10.0.0.1") == kept
    assert lease_at(one, "10.0.0.2") is None
    fresh = operation.replace(letting_go=[kept], rules_digest="0" * 64)
    assert run(one, fresh) == Stale()
    assert lease_at(one, "10.0.0.1") == kept


def test_of_what_rests_and_is_reserved_nothing_is_taken_over_in_any_family(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"), pool("six", "fd00::1-fd00::9", subnet="fd00::/64"))
    run(store, both(store, "c1", who=WEB))
    release(store, "c1")
    write(store, objects=[reserved("r", "fd00::1", family=6)])
    assert store.leases.by_tenant(TENANT) == []
    assert take_over(store, "c2", WEB) == NothingHeld()


# --- taking over what was looked at


def test_a_take_over_of_what_was_read_gives_it_and_of_anything_else_is_stale(one: Store) -> None:
    (seen,) = one.leases.by_tenant(TENANT)
    run(one, KEEP)
    old = TakeOver(attachment("c2"), WEB, [seen.revision])
    assert run(one, old) == Stale()
    assert run(one, old.replace(if_revisions=[])) == Stale()
    assert lease_at(one, "10.0.0.1").state == "kept"
    outcome = run(one, old.replace(if_revisions=[lease_at(one, "10.0.0.1").revision]))
    assert isinstance(outcome, Existing)
    assert outcome.leases == one.leases.by_attachment(attachment("c2"))
    assert run(one, old) == outcome  # it has them already


def test_a_take_over_of_what_is_not_there_any_more_finds_nothing(store: Store) -> None:
    write(store, pool("a", "10.0.0.1", quarantine=0))
    claim(store, "c1", "a", who=WEB)
    (seen,) = store.leases.by_tenant(TENANT)
    release(store, "c1")
    assert run(store, TakeOver(attachment("c2"), WEB, [seen.revision])) == NothingHeld()


def test_a_whole_kept_claim_comes_before_one_that_rests_in_part(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.9"), pool("six", "fd00::1-fd00::9", subnet="fd00::/64"))
    for container in ("c1", "c2"):
        run(store, both(store, container, who=WEB))
    for container in ("c1", "c2"):
        run(store, Release(attachment(container), keep=True))
    run(store, LetGo([lease_at(store, "fd00::2")], "by hand"))
    assert [texts(lease) for lease in store.leases.by_tenant(TENANT)] == ["10.0.0.1", "fd00::1"]


# --- one address


def test_an_address_tells_its_lease_in_any_state_or_none(one: Store) -> None:
    assert lease_at(one, "10.0.0.2") is None
    assert lease_at(one, "fd00::1") is None
    states = [lease_at(one, "10.0.0.1").state]
    for keep in (True, False):
        run(one, LetGo([lease_at(one, "10.0.0.1")], "why", keep=keep))
        states.append(lease_at(one, "10.0.0.1").state)
    assert states == ["bound", "kept", "resting"]


# --- sightings

FOUR, SIX = Sighting(4, number("10.0.0.1"), "7", NOW), Sighting(6, number("fd00::1"), "8", NOW)


def test_sightings_are_remembered_replaced_and_forgotten(store: Store) -> None:
    assert store.sightings.list() == []
    store.sightings.update([SIX, FOUR], [])
    assert store.sightings.list() == [FOUR, SIX]
    newer = FOUR.replace(revision="9", since_seconds=NOW + 1)
    store.sightings.update([newer], [SIX])
    assert store.sightings.list() == [newer]
    store.sightings.update([], [FOUR])  # of a revision that somebody replaced
    assert store.sightings.list() == [newer]
    store.sightings.update([], [newer])
    assert store.sightings.list() == []
