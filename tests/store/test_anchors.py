"""Pools filed under anchors: which rows a write makes, and what a look-up gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from model.pools import Anchor, PoolRecord
from store.create import create_store
from store.repair import check, rebuild
from store.store import Store
from tests.store.build import NOW, claim, pool, release, write

WEB: Anchor = ("pod.label", "app", "web")
DB: Anchor = ("pod.label", "app", "db")
RED: Anchor = ("namespace.label", "team", "red")
ZONES: tuple[Anchor, ...] = (("node.label", "zone", "a"), ("node.label", "zone", "b"))
NONE: Anchor = ("", "", "")


def filed(
    number: int, *alternatives: Sequence[Anchor], default: bool = True, **more: Any
) -> PoolRecord:
    """Pool `p<number>`, with room for one address, that ranks by its number."""
    made = pool(f"p{number}", f"10.0.{number // 250}.{number % 250}", default=default, **more)
    return made.replace(
        sort=number.to_bytes(4, "big"), alternatives=tuple(tuple(one) for one in alternatives)
    )


def rows(store: Store) -> list[tuple[object, ...]]:
    """(subject, key, value, pool) of all rows, in the order of look-ups."""
    return store.database.rows(
        "SELECT subject, key, value, pool FROM anchor ORDER BY family, subject, key, value, sort"
    )


def found(store: Store, *anchors: Anchor, subjects: Sequence[str] = (), **more: Any) -> list[str]:
    pools = store.pools.serving_anchored(4, anchors, subjects, **more)
    return [one.rules.name for one in pools]


def test_a_default_pool_is_filed_under_every_value_of_one_requirement(store: Store) -> None:
    write(store, filed(1, ZONES, [WEB, DB], [RED]))
    assert rows(store) == [(*anchor, "p1") for anchor in ZONES]


@pytest.mark.parametrize(
    "hidden", [{"default": False}, {"disabled": True}, {"terminating": True}], ids=str
)
def test_a_pool_that_cannot_be_chosen_by_default_is_not_filed(
    store: Store, hidden: dict[str, bool]
) -> None:
    write(store, filed(1, [WEB], **hidden))
    assert rows(store) == []
    assert found(store, WEB) == []
    assert store.pools.has_default(4) is hidden.get("default", True)


def test_the_rarest_requirement_is_chosen_the_batch_itself_counted(store: Store) -> None:
    common = [filed(number, [WEB], [("pod.name", "", f"web-{number}")]) for number in range(5)]
    write(store, *common)
    assert {row[:2] for row in rows(store)} == {("pod.name", "")}
    write(store, *[filed(10 + number, [WEB]) for number in range(5)])
    write(store, filed(20, [WEB], [RED]))
    assert rows(store)[0] == (*RED, "p20"), "five stand under the other one"


def test_a_value_named_twice_is_one_row(store: Store) -> None:
    write(store, filed(1, [WEB, WEB]))
    assert rows(store) == [(*WEB, "p1")]


CHANGES = [
    ("other rules", filed(1, [DB]), [(*DB, "p1")]),
    ("not default any more", filed(1, [WEB], default=False), []),
    ("disabled", filed(1, [WEB], disabled=True), []),
    ("nothing of note", filed(1, [WEB]).replace(quarantine_seconds=7), [(*WEB, "p1")]),
]


@pytest.mark.parametrize(
    ("changed", "left"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
def test_a_changed_pool_is_filed_anew_and_back_again(
    store: Store, changed: PoolRecord, left: list[tuple[str, ...]]
) -> None:
    write(store, filed(1, [WEB]), filed(2, [WEB]))
    write(store, changed)
    assert rows(store) == sorted([*left, (*WEB, "p2")])
    write(store, filed(1, [WEB]))
    assert rows(store) == [(*WEB, "p1"), (*WEB, "p2")]


def test_a_pool_that_ranks_anew_moves_in_its_posting(store: Store) -> None:
    write(store, filed(1, [WEB]), filed(2, [WEB]))
    write(store, filed(1, [WEB]).replace(sort=b"\xff", quarantine_seconds=7))
    assert found(store, WEB) == ["p2", "p1"]


def test_a_deleted_pool_leaves_no_anchor(store: Store) -> None:
    write(store, filed(1, ZONES), filed(2, [WEB]))
    store.writer.delete_pool("p1", "")
    assert rows(store) == [(*WEB, "p2")]


def test_a_dry_run_files_nothing(store: Store) -> None:
    assert store.writer.write([filed(1, [WEB])], (), {}, NOW, dry_run=True) == []
    assert rows(store) == []


def test_a_pool_reads_back_with_its_rank_and_alternatives(store: Store) -> None:
    record = filed(1, ZONES, [WEB])
    write(store, record)
    read = store.pools.get("p1")
    assert read is not None
    assert (read.sort, read.alternatives) == (record.sort, record.alternatives)
    assert store.pools.list() == [read]


def changed_rows(store: Store, record: PoolRecord) -> int:
    before = store.database.connection.total_changes
    write(store, record)
    return store.database.connection.total_changes - before


def test_changing_one_of_many_pools_writes_as_many_rows_as_changing_one_of_few(
    store: Store, tmp_path: object
) -> None:
    counts = []
    for size in (2, 400):
        with create_store(f"{tmp_path}/{size}.db") as other:
            write(other, *[filed(number, [WEB], ZONES) for number in range(size)])
            counts.append(changed_rows(other, filed(1, [DB]).replace(quarantine_seconds=1)))
            assert check(other) == []
    assert counts[0] == counts[1] < 15


def test_a_look_up_merges_postings_by_rank_page_after_page(store: Store) -> None:
    write(store, *[filed(number, [WEB] if number % 3 else [NONE]) for number in range(10)])
    write(store, filed(10, [DB]), filed(11, ZONES))
    assert found(store, WEB, NONE) == [f"p{number}" for number in range(10)]
    assert found(store, WEB, NONE, limit=4) == ["p0", "p1", "p2", "p3"]
    after = (3).to_bytes(4, "big")
    assert found(store, WEB, NONE, after=after, limit=4) == ["p4", "p5", "p6", "p7"]
    assert found(store, WEB, NONE, after=(9).to_bytes(4, "big")) == []
    assert store.pools.serving_anchored(6, [WEB, NONE]) == []


def test_an_unknown_subject_gives_all_its_pools_once_among_the_others(store: Store) -> None:
    write(store, filed(1, [WEB]), filed(2, ZONES), filed(3, [WEB]), filed(4, ZONES[1:]))
    assert found(store, WEB, subjects=["node.label"]) == ["p1", "p2", "p3", "p4"]
    assert found(store, WEB, subjects=["node.label"], limit=3) == ["p1", "p2", "p3"]
    assert found(store, WEB, subjects=["node.name"]) == ["p1", "p3"]


def test_full_pools_are_passed_over_where_room_is_asked_for(store: Store) -> None:
    write(store, *[filed(number, [WEB]) for number in range(1, 4)])
    claim(store, "c1", "p1")
    claim(store, "c2", "p2")
    assert found(store, WEB) == ["p1", "p2", "p3"]
    assert found(store, WEB, with_room=True) == ["p3"]
    release(store, "c2")
    assert found(store, WEB, with_room=True) == ["p2", "p3"], "what rests may be claimed"


NOT_THOSE = "the anchors of pool `{}` are not those that it is filed under"
NOT_FILED = "pool `p1` is not filed under a requirement of its rules"
DAMAGE = [
    ("a row too few", "DELETE FROM anchor WHERE value = 'a'", NOT_THOSE.format("p2")),
    ("another rank", "UPDATE anchor SET sort = x'09' WHERE pool = 'p1'", NOT_THOSE.format("p1")),
    (
        "a row of no pool",
        "INSERT INTO anchor VALUES (4, 'pod.label', 'app', 'web', x'01', 'gone')",
        "there are anchors of `gone`, which is no pool",
    ),
    (
        "a row of a pool that is no default",
        "INSERT INTO anchor VALUES (4, 'pod.label', 'app', 'web', x'01', 'p3')",
        NOT_THOSE.format("p3"),
    ),
    ("filed nowhere", "UPDATE pool SET anchored = NULL WHERE name = 'p1'", NOT_FILED),
    ("filed under what is not there", "UPDATE pool SET anchored = 7 WHERE name = 'p1'", NOT_FILED),
]


@pytest.mark.parametrize(
    ("damage", "expected"), [row[1:] for row in DAMAGE], ids=[row[0] for row in DAMAGE]
)
def test_check_sees_wrong_anchors_and_rebuild_mends_them(
    store: Store, damage: str, expected: str
) -> None:
    write(store, filed(1, [WEB]), filed(2, ZONES), filed(3, [WEB], default=False))
    whole = rows(store)
    store.database.run(damage)
    assert [(one.what, one.message) for one in check(store)] == [("anchors", expected)]
    assert [one.message for one in rebuild(store)] == [expected]
    assert (check(store), rows(store)) == ([], whole)


def test_the_next_change_of_a_pool_that_is_filed_nowhere_files_it(store: Store) -> None:
    write(store, filed(1, [WEB]))
    store.database.run("UPDATE pool SET anchored = NULL")
    write(store, filed(1, [WEB]).replace(quarantine_seconds=1))
    assert check(store) == []
