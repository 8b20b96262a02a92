"""DEL lets go of its own attachment alone; what is kept ends with whoever wanted it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ipam.apply import apply
from ipam.delete import delete_object
from ipam.drain import drain_pool
from ipam.keeping import end_kept, settle
from ipam.release import release
from model.errors import StoreBusyError
from model.leases import LetGo
from store.create import create_store
from store.store import Store, open_store
from tests.ipam.calls import NOW, call, environment, k8s, network, pool
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

A = pool("a", "10.0.0.1-10.0.0.9")
SIX = pool("six", "fd00::1-fd00::9", "fd00::/64")
LATE = NOW + 3600


@pytest.fixture
def three(store: Store) -> Store:
    """db-0, db-1, db-2 have 10.0.0.1 to .3; db-0 and db-1 are between two sandboxes."""
    write(store, A, stateful_set())
    for ordinal in range(3):
        restart(store, f"db-{ordinal}", f"u{ordinal}")
    remove(store, "c-u0")
    remove(store, "c-u1")
    assert states(store) == ["kept", "kept", "bound"]
    return store


def states(store: Store) -> list[str]:
    return list(held(store).values())


# --- DEL


def test_a_foreign_del_frees_nothing(store: Store) -> None:
    write(store, A, pod("web", "u1", owner=None))
    add(store, "web", "c1", "u1")
    assert remove(store, "c2") == []
    assert remove(store, "c1", nic="net1") == []
    assert remove(store, "c1", on="node2") == []
    assert held(store) == {"10.0.0.1": "bound"}


def test_a_repeated_del_frees_nothing_of_others_and_ends_no_keeping(three: Store) -> None:
    assert remove(three, "c-u0", LATE) == []
    assert states(three) == ["kept", "kept", "bound"]


def test_del_needs_no_facts_of_the_pod(store: Store) -> None:
    write(store, A, stateful_set())
    restart(store, "db-0", "u1")
    restart(store, "web", "w1", pod={"owner": None})
    delete_object(store, "Pod", "shop", "db-0")
    delete_object(store, "Pod", "shop", "web")
    assert remove(store, "c-u1") == ["10.0.0.1"]
    assert remove(store, "c-w1") == ["10.0.0.2"]
    assert held(store) == {"10.0.0.1": "kept", "10.0.0.2": "resting"}


def test_a_kept_address_counts_as_allocated_and_goes_to_nobody(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.2"), stateful_set())
    restart(store, "db-0", "u1")
    remove(store, "c-u1")
    usage = store.pools.usage(["a"])["a"]
    assert (usage.allocated, usage.resting, usage.free) == (1, 0, 1)
    write(store, pod("web", owner=None))
    assert add(store, "web", "w1", now=LATE) == ("claimed", "10.0.0.2")
    (lease,) = store.leases.kept()
    assert (lease.pool, lease.state, lease.rests_until_seconds) == ("a", "kept", 0)


def test_a_pool_with_a_kept_address_is_in_use(three: Store) -> None:
    conflicts = three.writer.delete_pool("a", "")
    assert [one.kind for one in conflicts] == ["address-in-use"] * 3


def test_del_in_a_pool_that_is_being_drained_keeps_nothing_of_the_interface(store: Store) -> None:
    write(store, A, SIX, stateful_set())
    restart(store, "db-0", "u1", pod={"v6": ["six"]})
    assert drain_pool(store, "six", NOW) == 1
    remove(store, "c-u1")
    assert held(store, "a", "six") == {"10.0.0.1": "resting", "fd00::1": "resting"}


def test_a_del_that_finds_the_store_busy_says_so_and_releases_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "busy.db")
    with create_store(path) as store, open_store(path, 0.05) as other:
        write(store, A, stateful_set())
        restart(store, "db-0", "u1")
        with store.database.transaction(), pytest.raises(StoreBusyError) as raised:
            release(other, place("c-u1"), NOW)
        assert (raised.value.code, raised.value.message, raised.value.hint) == (
            "store-busy",
            "the store is busy: another process is writing to it",
            "try again in a moment",
        )
        assert held(store) == {"10.0.0.1": "bound"}


def test_the_plugin_itself_keeps_and_gives_back(tmp_path: Path) -> None:
    db = tmp_path / "ipam.db"
    with create_store(db) as store:
        write(store, A, stateful_set(), pod("db-0", "u1"))

    def start(container: str, uid: str) -> str:
        args = k8s("db-0", "shop", uid)
        code, answer, err = call(environment("ADD", container, args=args), network(db))
        assert code == 0, err
        return str(answer["ips"][0]["address"])

    assert start("c1", "u1") == "10.0.0.1/16"
    assert call(environment("DEL", "c1", args=k8s("db-0", "shop", "u1")), network(db))[0] == 0
    with open_store(str(db)) as store:
        assert held(store) == {"10.0.0.1": "kept"}
        write(store, pod("db-0", "u2"))
    assert start("c2", "u2") == "10.0.0.1/16"


# --- the end of keeping


def test_scaling_down_lets_go_of_what_is_kept_and_of_nothing_bound(three: Store) -> None:
    write(three, stateful_set(1))
    assert states(three) == ["kept", "resting", "bound"]
    assert history(three, "10.0.0.2")[-1] == (
        "released",
        "StatefulSet shop/db wants only db-0 to db-0",
    )
    remove(three, "c-u2")
    assert states(three) == ["kept", "resting", "resting"]


def test_a_dry_run_of_scaling_down_lets_go_of_nothing(three: Store) -> None:
    apply(three, [("x.yaml", stateful_set(0).encode())], NOW, dry_run=True)
    assert states(three) == ["kept", "kept", "bound"]
    three.writer.delete_object("StatefulSet", "shop", "db")
    apply(three, [("x.yaml", SIX.encode())], NOW, dry_run=True)
    assert states(three) == ["kept", "kept", "bound"]


def test_after_scaling_up_again_the_address_is_there_while_it_rests(three: Store) -> None:
    write(three, stateful_set(1))
    write(three, stateful_set(3))
    assert states(three) == ["kept", "resting", "bound"]
    assert restart(three, "db-1", "n1", NOW + 59) == ("taken-over", "10.0.0.2")


def test_after_scaling_up_again_late_another_may_have_it(three: Store) -> None:
    write(three, stateful_set(1))
    write(three, pod("web", owner=None), stateful_set(3), now=LATE)
    assert add(three, "web", "w1", now=LATE) == ("claimed", "10.0.0.2")
    assert restart(three, "db-1", "n1", LATE) == ("claimed", "10.0.0.4")


def test_a_start_that_moves_on_ends_the_ordinals_before_it(three: Store) -> None:
    write(three, stateful_set(3, 1))
    assert states(three) == ["resting", "kept", "bound"]


def test_deleting_the_set_ends_all_that_is_kept(three: Store) -> None:
    delete_object(three, "StatefulSet", "shop", "db", NOW + 5)
    assert states(three) == ["resting", "resting", "bound"]
    assert history(three, "10.0.0.1")[-1] == ("released", "there is no StatefulSet shop/db")
    assert three.leases.by_pool("a")[0].rests_until_seconds == NOW + 65
    remove(three, "c-u2")
    assert states(three) == ["resting", "resting", "resting"]


def test_deleting_another_set_ends_nothing(three: Store) -> None:
    write(three, stateful_set(name="web"))
    delete_object(three, "StatefulSet", "shop", "web", NOW)
    assert states(three) == ["kept", "kept", "bound"]


def test_what_a_deletion_without_a_time_leaves_the_next_apply_settles(three: Store) -> None:
    delete_object(three, "StatefulSet", "shop", "db")
    assert states(three) == ["kept", "kept", "bound"]
    write(three, SIX)
    assert states(three) == ["resting", "resting", "bound"]


def test_settling_gives_what_it_let_go_of_and_then_nothing(three: Store) -> None:
    three.writer.delete_object("StatefulSet", "shop", "db")
    done = settle(three, NOW)
    assert (texts(done), [one.state for one in done]) == (["10.0.0.1", "10.0.0.2"], ["kept"] * 2)
    assert settle(three, NOW) == []


def test_settling_leaves_a_busy_store_to_the_next_time(tmp_path: Path) -> None:
    path = str(tmp_path / "busy.db")
    with create_store(path) as store, open_store(path, 0.05) as other:
        write(store, A, stateful_set())
        restart(store, "db-0", "u1")
        remove(store, "c-u1")
        store.writer.delete_object("StatefulSet", "shop", "db")
        with store.database.transaction():
            assert settle(other, NOW) == []
        assert texts(settle(other, NOW)) == ["10.0.0.1"]


def test_an_interface_ends_whole(store: Store) -> None:
    """Draining one family's pool lets go of the other family, too: half a tenant comes not back."""
    write(store, A, SIX, stateful_set())
    restart(store, "db-0", "u0", pod={"v6": ["six"]})
    restart(store, "db-1", "u1")
    remove(store, "c-u0")
    remove(store, "c-u1")
    assert texts(end_kept(store, "six", NOW)) == ["10.0.0.1", "fd00::1"]
    assert held(store, "a", "six") == {
        "10.0.0.1": "resting",
        "10.0.0.2": "kept",
        "fd00::1": "resting",
    }
    assert history(store, "10.0.0.1")[-1] == ("released", "pool `six` is being drained")
    assert end_kept(store, "six", NOW) == []


def test_draining_ends_what_is_kept_and_the_pool_goes_with_it(store: Store) -> None:
    write(store, A, stateful_set())
    restart(store, "db-0", "u0")
    remove(store, "c-u0")
    assert drain_pool(store, "a", NOW) == 0
    assert store.pools.get("a") is None


def test_a_family_that_was_released_alone_and_given_on_ends_the_other(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), SIX, stateful_set())
    restart(store, "db-0", "u0", pod={"v6": ["six"]})
    remove(store, "c-u0")
    four = store.leases.kept()[0]
    store.leases.execute([LetGo([four], "by hand")], NOW)
    assert settle(store, NOW) == []  # its Pod may still take both back
    write(store, pod("web", owner=None), now=LATE)
    assert add(store, "web", "w1", now=LATE) == ("claimed", "10.0.0.1")
    assert texts(settle(store, LATE)) == ["fd00::1"]


def test_a_set_that_is_deleted_while_a_del_waits_for_the_store_keeps_nothing(
    tmp_path: Path,
) -> None:
    """The DEL reads that its Pod is wanted, then waits for the writer that deletes the set."""
    path = str(tmp_path / "ipam.db")
    with create_store(path) as store, open_store(path) as other:
        write(store, A, stateful_set())
        restart(store, "db-0", "u0")
        with ThreadPoolExecutor(1) as thread:
            with store.database.transaction():
                store.database.run("DELETE FROM object WHERE kind = 'StatefulSet'")
                waiting = thread.submit(remove, other, "c-u0")
                time.sleep(0.3)
            assert waiting.result() == ["10.0.0.1"]
        assert held(store) == {"10.0.0.1": "resting"}
        events = [event for event, _ in history(store, "10.0.0.1")]
        assert events == ["claimed", "kept", "released"]
