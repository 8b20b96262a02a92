"""Leases against the Pods there are: two sightings, a grace period, a limit, and every reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ipam.allocate import allocate
from ipam.reconcile import GRACE_SECONDS, ReconcileReport, reconcile
from ipam.request import Request
from model.facts import PodFacts
from store.create import create_store
from store.store import Store, open_store
from tests.ipam.calls import NOW, pool
from tests.ipam.stateful import (
    add,
    held,
    history,
    place,
    pod,
    remove,
    restart,
    stateful_set,
    texts,
    write,
)

A = pool("a", "10.0.0.1-10.0.0.99")
SIX = pool("six", "fd00::1-fd00::99", "fd00::/64")
LATER = NOW + GRACE_SECONDS


def facts(name: str, uid: str = "", ended: str = "") -> PodFacts:
    return PodFacts("shop", name, {}, {}, uid, ended=ended)


def run(store: Store, pods: Sequence[PodFacts] | None, now: int, **more: Any) -> dict[str, str]:
    """Address to action."""
    return {one.address: one.action for one in reconcile(store, pods, now, **more).leases}


def rows(report: ReconcileReport) -> list[tuple[str, str, str]]:
    return [(one.address, one.action, one.reason) for one in report.leases]


@pytest.fixture
def web(store: Store) -> Store:
    """Pod web, UID u1, of no StatefulSet, has 10.0.0.1."""
    write(store, A, pod("web", "u1", owner=None))
    add(store, "web", "c1", "u1")
    return store


def many(store: Store, count: int) -> None:
    """Pods web-0, web-1, ... with 10.0.0.1, .2, ..."""
    write(store, A, *[pod(f"web-{i}", f"u{i}", owner=None) for i in range(count)])
    for i in range(count):
        add(store, f"web-{i}", f"c{i}", f"u{i}")


# --- what is absent

PODS = [
    ("the same", [facts("web", "u1")], ""),
    ("without a UID", [facts("web")], ""),
    ("being deleted, and still there", [facts("web", "u1", "it is being deleted")], ""),
    ("not there", [facts("other", "u1")], "pod shop/web is not there"),
    (
        "of the same name elsewhere",
        [PodFacts("x", "web", {}, {}, "u1")],
        "pod shop/web is not there",
    ),
    ("no Pods at all", [], "pod shop/web is not there"),
    (
        "terminal",
        [facts("web", "u1", "it has succeeded")],
        "pod shop/web has ended: it has succeeded",
    ),
    (
        "of another UID",
        [facts("web", "u2")],
        "pod shop/web is another by now: UID u2, not u1",
    ),
]


@pytest.mark.parametrize(
    ("pods", "reason"), [row[1:] for row in PODS], ids=[row[0] for row in PODS]
)
def test_the_lease_of_an_absent_pod_goes_after_a_second_sighting(
    web: Store, pods: list[PodFacts], reason: str
) -> None:
    first = rows(reconcile(web, pods, NOW))
    assert held(web) == {"10.0.0.1": "bound"}
    second = rows(reconcile(web, pods, LATER))
    if not reason:
        assert first == second == [("10.0.0.1", "present", "pod shop/web is there")]
        assert held(web) == {"10.0.0.1": "bound"}
        return
    assert first == [("10.0.0.1", "seen-absent", f"{reason}; seen for the first time")]
    assert second == [("10.0.0.1", "released", reason)]
    assert held(web) == {"10.0.0.1": "resting"}
    assert history(web, "10.0.0.1")[-1] == ("released", reason)
    assert reconcile(web, pods, LATER).leases == ()


def test_the_report_names_pool_and_pod(web: Store) -> None:
    (one,) = reconcile(web, [facts("web")], NOW).leases
    assert (one.address, one.pool, one.pod) == ("10.0.0.1", "a", "shop/web")


def test_a_lease_without_uid_belongs_to_whatever_pod_has_the_name(store: Store) -> None:
    write(store, A, pod("web", "u1", owner=None))
    add(store, "web", "c1")
    assert run(store, [facts("web", "u2")], NOW) == {"10.0.0.1": "present"}


def test_without_a_list_the_pods_of_the_store_count(web: Store) -> None:
    assert run(web, None, NOW) == {"10.0.0.1": "present"}
    web.writer.delete_object("Pod", "shop", "web")
    assert run(web, None, NOW) == {"10.0.0.1": "seen-absent"}
    write(web, pod("web", "u1", owner=None, status={"phase": "Failed", "reason": "Evicted"}))
    assert rows(reconcile(web, None, LATER)) == [
        ("10.0.0.1", "released", "pod shop/web has ended: it was evicted")
    ]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_terminal_pod_is_absent_whatever_its_restart_policy(web: Store, phase: str) -> None:
    """A node that shuts down leaves Failed Pods whose restartPolicy is Always."""
    write(web, pod("web", "u1", owner=None, status={"phase": phase}))
    assert run(web, None, NOW) == {"10.0.0.1": "seen-absent"}
    assert rows(reconcile(web, None, LATER)) == [
        ("10.0.0.1", "released", f"pod shop/web has ended: its phase is {phase}")
    ]


def test_a_pod_whose_sandbox_is_gone_is_absent(web: Store) -> None:
    add(web, "web", "c2", "u1", nic="net1")
    living = {"c2"}
    asked: dict[str, Any] = {"sandbox_lives": lambda one: one.container_id in living}
    assert run(web, None, NOW, **asked) == {"10.0.0.1": "seen-absent", "10.0.0.2": "present"}
    assert rows(reconcile(web, None, LATER, **asked))[0] == (
        "10.0.0.1",
        "released",
        "the sandbox c1 of pod shop/web is gone",
    )


def test_without_sandboxes_nothing_is_known_of_a_container_that_is_no_pod(store: Store) -> None:
    write(store, A)
    allocate(store, Request(place("c1"), cni_defaults={4: ["a"]}), NOW)
    for now in (NOW, LATER):
        report = reconcile(store, [], now, force=True)
        reason = "it belongs to no Pod, and no sandboxes are given"
        assert rows(report) == [("10.0.0.1", "no-pod", reason)]
    assert held(store) == {"10.0.0.1": "bound"}


def test_a_container_that_is_no_pod_is_absent_with_its_sandbox(store: Store) -> None:
    write(store, A)
    for container in ("c1", "c2"):
        allocate(store, Request(place(container), cni_defaults={4: ["a"]}), NOW)
    living: dict[str, Any] = {"sandbox_lives": lambda one: one.container_id == "c2"}
    assert run(store, [], NOW, **living) == {"10.0.0.1": "seen-absent", "10.0.0.2": "present"}
    assert rows(reconcile(store, [], LATER, **living)) == [
        ("10.0.0.1", "released", "the container c1 is gone"),
        ("10.0.0.2", "present", "container c2 is there"),
    ]


# --- two sightings


def test_nothing_goes_before_the_grace_is_over(web: Store) -> None:
    run(web, [], NOW)
    assert rows(reconcile(web, [], LATER - 1)) == [
        ("10.0.0.1", "waiting", "pod shop/web is not there; 1 s of grace are left")
    ]
    assert run(web, [], LATER) == {"10.0.0.1": "released"}


def test_even_without_grace_and_with_force_two_runs_are_needed(web: Store) -> None:
    more = {"grace_seconds": 0, "force": True}
    assert run(web, [], NOW, **more) == {"10.0.0.1": "seen-absent"}
    assert run(web, [], NOW, **more) == {"10.0.0.1": "released"}


def test_a_pod_that_was_there_in_between_starts_the_count_anew(web: Store) -> None:
    run(web, [], NOW)
    run(web, [facts("web", "u1")], NOW + 10)
    assert run(web, [], LATER) == {"10.0.0.1": "seen-absent"}
    assert run(web, [], LATER + GRACE_SECONDS) == {"10.0.0.1": "released"}


def test_a_lease_that_changed_in_between_starts_the_count_anew(web: Store) -> None:
    run(web, [], NOW)
    assert add(web, "web", "c2", "u1", NOW + 1) == ("taken-over", "10.0.0.1")
    assert run(web, [], LATER) == {"10.0.0.1": "seen-absent"}
    assert held(web) == {"10.0.0.1": "bound"}
    assert run(web, [], LATER + GRACE_SECONDS) == {"10.0.0.1": "released"}


def test_an_address_that_went_to_another_pod_starts_the_count_anew(web: Store) -> None:
    run(web, [], NOW)
    remove(web, "c1", NOW)
    write(web, pod("new", "n1", owner=None))
    assert add(web, "new", "d1", "n1", LATER - 1) == ("claimed", "10.0.0.1")
    assert run(web, [], LATER) == {"10.0.0.1": "seen-absent"}


def test_a_clock_that_went_back_starts_the_count_anew(web: Store) -> None:
    run(web, [], LATER * 2)
    assert run(web, [], NOW) == {"10.0.0.1": "seen-absent"}
    assert run(web, [], LATER) == {"10.0.0.1": "released"}


def test_sightings_outlive_the_process_and_are_forgotten_when_over(tmp_path: Path) -> None:
    path = str(tmp_path / "ipam.db")
    with create_store(path) as store:
        write(store, A, pod("web", "u1", owner=None))
        add(store, "web", "c1", "u1")
        run(store, [], NOW)
    with open_store(path) as store:
        assert len(store.sightings.list()) == 1
        assert run(store, [], LATER) == {"10.0.0.1": "released"}
        run(store, [], LATER)
        assert store.sightings.list() == []


def test_the_grace_of_an_interface_is_that_of_its_youngest_sighting(store: Store) -> None:
    write(store, A, SIX)
    restart(store, "web", "u1", pod={"owner": None, "v6": ["six"]})
    run(store, [], NOW)
    (_, six) = store.sightings.list()
    store.sightings.update([six.replace(since_seconds=NOW + 1)], [])
    assert run(store, [], LATER) == {"10.0.0.1": "waiting", "fd00::1": "waiting"}
    assert run(store, [], LATER + 1) == {"10.0.0.1": "released", "fd00::1": "released"}


# --- the limit


def test_one_run_lets_go_of_a_tenth_longest_absent_first(store: Store) -> None:
    many(store, 30)
    there = [facts(f"web-{i}", f"u{i}") for i in range(30)]
    run(store, there[:25], NOW)  # the last five were absent first
    run(store, [], NOW + 1)
    report = reconcile(store, [], LATER + 1)
    assert (report.limit, report.over_limit, report.dry_run) == (3, 27, False)
    released = [one.address for one in report.leases if one.action == "released"]
    assert released == ["10.0.0.26", "10.0.0.27", "10.0.0.28"]
    assert rows(report)[0] == (
        "10.0.0.1",
        "over-limit",
        "pod shop/web-0 is not there; one run lets go of 3 at most without force",
    )
    assert store.pools.usage(["a"])["a"].allocated == 27
    assert reconcile(store, [], LATER + 1).over_limit == 25


def test_with_force_there_is_no_limit(store: Store) -> None:
    many(store, 30)
    run(store, [], NOW)
    report = reconcile(store, [], LATER, force=True)
    assert (report.limit, report.over_limit) == (None, 0)
    assert {one.action for one in report.leases} == {"released"}
    assert store.pools.usage(["a"])["a"].allocated == 0


def test_resting_addresses_do_not_raise_the_limit(store: Store) -> None:
    many(store, 30)
    for i in range(20):
        remove(store, f"c{i}")
    assert reconcile(store, [], NOW).limit == 1


def test_of_few_leases_one_interface_goes_whole(store: Store) -> None:
    write(store, A, SIX)
    for i in range(3):
        restart(store, f"web-{i}", f"u{i}", pod={"owner": None, "v6": ["six"]})
    run(store, [], NOW)
    report = reconcile(store, [], LATER)
    assert (report.limit, report.over_limit) == (1, 4)
    assert [one.address for one in report.leases if one.action == "released"] == [
        "10.0.0.1",
        "fd00::1",
    ]
    assert [one.address for one in report.leases][3:] == ["fd00::1", "fd00::2", "fd00::3"]


# --- dry run


def test_a_dry_run_tells_all_and_changes_nothing(web: Store) -> None:
    assert run(web, [], NOW, dry_run=True) == {"10.0.0.1": "seen-absent"}
    assert web.sightings.list() == []
    run(web, [], NOW)
    report = reconcile(web, [], LATER, dry_run=True)
    assert (rows(report), report.dry_run) == (
        [("10.0.0.1", "released", "pod shop/web is not there")],
        True,
    )
    assert held(web) == {"10.0.0.1": "bound"}
    assert run(web, [], LATER) == {"10.0.0.1": "released"}


# --- StatefulSets


@pytest.fixture
def db(store: Store) -> Store:
    """db-0 has 10.0.0.1, lost its DEL, and is gone; db-1 has 10.0.0.2 kept."""
    write(store, A, stateful_set())
    restart(store, "db-0", "u0")
    restart(store, "db-1", "u1")
    remove(store, "c-u1")
    store.writer.delete_object("Pod", "shop", "db-0")
    return store


WANTED = ("10.0.0.2", "wanted", "its StatefulSet wants its Pod")


def test_the_lease_of_a_wanted_pod_becomes_kept(db: Store) -> None:
    assert rows(reconcile(db, None, NOW)) == [
        ("10.0.0.1", "seen-absent", "pod shop/db-0 is not there; seen for the first time"),
        WANTED,
    ]
    assert rows(reconcile(db, None, LATER)) == [
        ("10.0.0.1", "kept", "pod shop/db-0 is not there"),
        WANTED,
    ]
    assert held(db) == {"10.0.0.1": "kept", "10.0.0.2": "kept"}
    assert history(db, "10.0.0.1")[-1] == ("kept", "pod shop/db-0 is not there")
    assert run(db, None, LATER) == {"10.0.0.1": "wanted", "10.0.0.2": "wanted"}
    assert restart(db, "db-0", "n0", LATER * 2) == ("taken-over", "10.0.0.1")


def test_a_recreated_pod_that_has_not_asked_yet_finds_its_address_kept(db: Store) -> None:
    write(db, pod("db-0", "n0"))
    run(db, None, NOW)
    assert run(db, None, LATER)["10.0.0.1"] == "kept"
    assert add(db, "db-0", "c-n0", "n0", LATER) == ("taken-over", "10.0.0.1")


def test_what_no_set_wants_any_more_goes_the_bound_after_two_sightings_the_kept_at_once(
    db: Store,
) -> None:
    db.writer.delete_object("StatefulSet", "shop", "db")
    gone = "there is no StatefulSet shop/db"
    report = reconcile(db, None, NOW, dry_run=True)
    assert rows(report)[1] == ("10.0.0.2", "released", gone)
    assert held(db) == {"10.0.0.1": "bound", "10.0.0.2": "kept"}
    assert rows(reconcile(db, None, NOW)) == rows(report)
    assert held(db) == {"10.0.0.1": "bound", "10.0.0.2": "resting"}
    assert history(db, "10.0.0.2")[-1] == ("released", gone)
    assert run(db, None, LATER) == {"10.0.0.1": "released"}


# --- other writers


def test_a_busy_store_is_said_of_the_leases_it_concerns(tmp_path: Path) -> None:
    path = str(tmp_path / "busy.db")
    with create_store(path) as store, open_store(path, 0.05) as other:
        write(store, A, pod("web", "u1", owner=None))
        add(store, "web", "c1", "u1")
        run(store, [], NOW)
        with store.database.transaction():
            assert rows(reconcile(other, [], LATER)) == [
                (
                    "10.0.0.1",
                    "busy",
                    "pod shop/web is not there; the store was busy, so it is left to the next run",
                )
            ]
        assert run(other, [], LATER) == {"10.0.0.1": "released"}


def test_what_changes_hands_while_the_run_looks_is_left_alone(web: Store) -> None:
    """The runtime starts a new sandbox just when its old one is asked about."""
    run(web, [], NOW)

    def lives(attachment: object) -> bool:
        add(web, "web", "c2", "u1", LATER)
        return False

    assert rows(reconcile(web, [facts("web", "u1")], LATER, sandbox_lives=lives)) == [
        (
            "10.0.0.1",
            "changed",
            "the sandbox c1 of pod shop/web is gone; but it was changed meanwhile, so it is left "
            "as it is",
        )
    ]
    assert texts(web.leases.by_attachment(place("c2"))) == ["10.0.0.1"]
