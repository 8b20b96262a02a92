"""Pools, read as they were written, and their counts."""

from __future__ import annotations

import pytest

from model.pools import PoolUsage
from model.protocols import Store
from model.spans import Span
from tests.store.build import NOW, claim, got, pool, release, reserved, write

ROUTES = (("10.9.0.0/16", "10.0.0.254"), ("0.0.0.0/0", "10.0.0.1"))


def test_a_pool_is_read_as_it_was_written(store: Store) -> None:
    written = pool(
        "a",
        "10.0.0.1-10.0.0.9",
        "10.3.0.0",
        gateway="10.0.0.254",
        routes=ROUTES,
        quarantine=12,
        default=True,
        priority=-3,
        manifest={"metadata": {"name": "a", "labels": {"z": "1", "a": "ü"}}, "spec": {"x": None}},
    )
    write(store, written, now=NOW)
    revision = got(store, "a").revision
    assert revision
    expected = written.replace(revision=revision, created_at_seconds=NOW)
    assert store.pools.get("a") == expected
    assert store.pools.list() == [expected]
    bare = written.serving.replace(rules=written.serving.rules.replace(spans=()))
    assert store.pools.serving(["nowhere", "a"]) == {"a": bare}
    assert store.pools.serving_default(4) == [bare]
    assert store.pools.serving_default(6) == []


def test_a_pool_that_is_not_there_is_none(store: Store) -> None:
    assert store.pools.get("a") is None
    assert store.pools.serving(["a"]) == {}
    assert store.pools.usage(["a"]) == {}
    assert store.pools.list() == []


def test_names_and_lists_come_in_natural_order(store: Store) -> None:
    write(
        store,
        *[pool(f"p{i}", f"10.0.0.{i}", default=True) for i in (10, 9, 1)],
        pool("six", "fd00::1", subnet="fd00::/64"),
    )
    assert store.pools.names(4) == ["p1", "p9", "p10"]
    assert store.pools.names(6) == ["six"]
    assert [one.rules.name for one in store.pools.serving_default(4)] == ["p1", "p9", "p10"]
    assert [one.name for one in store.pools.list()] == ["p1", "p9", "p10", "six"]


def test_default_pools_come_by_rank_page_after_page(store: Store) -> None:
    """Those that are asked for by their anchors, and others perhaps; none that does not serve."""
    web = ("pod.label", "app", "web")
    ranked = [
        pool(f"p{i}", f"10.0.0.{i}", default=True).replace(
            sort=bytes([9 - i]), alternatives=((web,),)
        )
        for i in range(1, 6)
    ]
    hidden = pool("off", "10.0.1.1", default=True, disabled=True)
    write(store, *ranked, hidden.replace(sort=b"\0", alternatives=((web,),)))
    assert store.pools.has_default(4)
    assert not store.pools.has_default(6)
    page = [one.rules.name for one in store.pools.serving_anchored(4, [web], limit=3)]
    assert page == ["p5", "p4", "p3"]
    rest = store.pools.serving_anchored(4, [web], after=bytes([6]), limit=3)
    assert [one.rules.name for one in rest] == ["p2", "p1"]
    assert store.pools.serving_anchored(6, [web]) == []
    assert got(store, "p1").alternatives == ((web,),)
    assert got(store, "p1").sort == bytes([8])


def test_an_empty_pool_is_a_pool(store: Store) -> None:
    write(store, pool("a"))
    assert got(store, "a").ranges == ()
    assert store.pools.usage(["a"]) == {"a": PoolUsage(0, 0, 0, 0)}
    assert store.leases.next_free("a", NOW) is None


def test_writing_the_same_again_changes_nothing(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"))
    before = store.pools.get("a")
    write(store, pool("a", "10.0.0.1"), now=NOW + 9)
    assert store.pools.get("a") == before


def test_a_change_gives_a_new_revision_and_keeps_the_time_of_creation(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), pool("b", "10.0.0.2"))
    before = {one.name: one.revision for one in store.pools.list()}
    write(store, pool("a", "10.0.0.1", gateway="10.0.0.9"), pool("b", "10.0.0.2"), now=NOW + 9)
    a, b = store.pools.list()
    assert (a.created_at_seconds, a.serving.gateway) == (NOW, "10.0.0.9")
    assert a.revision != before["a"]
    assert (b.revision, b.created_at_seconds) == (before["b"], NOW)


def test_a_pool_that_moved_in_its_file_keeps_its_revision_and_gets_its_new_spans(
    store: Store,
) -> None:
    write(store, pool("a", "10.0.0.1"))
    before = got(store, "a").revision
    moved = pool("a", "10.0.0.1", spans=(Span("new.yaml", 9, 1), Span("new.yaml", 10, 1)))
    write(store, moved)
    after = got(store, "a")
    assert after.serving.rules.spans == moved.serving.rules.spans
    assert after.revision == before


def test_counts_follow_claims_releases_and_reservations(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.10", quarantine=30))
    for i in range(4):
        claim(store, f"c{i}", "a")
    assert store.pools.usage(["a"]) == {"a": PoolUsage(10, 4, 0, 6)}
    release(store, "c0")
    assert store.pools.usage(["a"]) == {"a": PoolUsage(10, 3, 1, 7)}
    # .1 rests, .2 is bound, .10 is free: none of them can be claimed any more
    write(store, objects=[reserved("r", "10.0.0.1-10.0.0.2", "10.0.0.10")])
    assert store.pools.usage(["a"]) == {"a": PoolUsage(10, 3, 1, 5)}
    release(store, "c1")
    assert store.pools.usage(["a"]) == {"a": PoolUsage(10, 2, 2, 5)}


@pytest.mark.parametrize("bits", [1, 63, 64, 65, 127, 128])
def test_counts_are_exact_beyond_the_integers_of_the_database(store: Store, bits: int) -> None:
    subnet = f"::/{128 - bits}"
    write(store, pool("a", subnet, subnet=subnet), objects=[reserved("r", "::1", family=6)])
    claim(store, "c1", "a", family=6)
    assert store.pools.usage(["a"]) == {"a": PoolUsage(2**bits, 1, 0, 2**bits - 2)}
