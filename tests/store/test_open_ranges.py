"""A pool cut into many ranges: rows open and close as the last address of each comes and goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.addresses import address_from_bytes
from model.intervals import Intervals, contains, union
from model.leases import NoneLeft
from store.bitmap import Bitmap
from store.create import create_store
from store.database import Database
from store.open_ranges import freed, is_claimable, lowest_free, replace, took
from store.store import Store
from tests.store.build import NOW, both, claim, number, pool, release, reserved, run, write


def open_rows(store: Store, name: str) -> list[tuple[int, int, bool]]:
    query = "SELECT first, last, is_open FROM claimable_range WHERE pool = ? ORDER BY first"
    return [
        (address_from_bytes(first)[1], address_from_bytes(last)[1], bool(is_open))
        for first, last, is_open in store.database.rows(query, (name,))
    ]


def test_a_range_is_closed_by_its_last_claim_and_opened_by_a_release(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.2", "10.0.0.4", quarantine=0))
    one, two, four = (number(f"10.0.0.{n}") for n in (1, 2, 4))
    seen = []
    for container in ("c1", "c2", "c3"):
        seen.append(open_rows(store, "a"))
        claim(store, container, "a")
    seen.append(open_rows(store, "a"))
    assert claim(store, "c4", "a") == NoneLeft(4)
    release(store, "c2")
    seen.append(open_rows(store, "a"))
    assert seen == [
        [(one, two, True), (four, four, True)],
        [(one, two, True), (four, four, True)],
        [(one, two, False), (four, four, True)],
        [(one, two, False), (four, four, False)],
        [(one, two, True), (four, four, False)],
    ]
    assert claim(store, "c5", "a") == "10.0.0.2"


def test_a_refused_claim_leaves_the_ranges_as_they_were(store: Store) -> None:
    write(store, pool("a", "10.0.0.1"), pool("six", "fd00::1", subnet="fd00::/64"))
    claim(store, "c0", "six", family=6)
    before = open_rows(store, "a")
    assert run(store, both(store, "c1")) == NoneLeft(6)
    assert open_rows(store, "a") == before


def test_a_reserved_address_cuts_a_range_and_its_release_opens_none(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.3", quarantine=0))
    for container in ("c1", "c2", "c3"):
        claim(store, container, "a")
    one, three = number("10.0.0.1"), number("10.0.0.3")
    write(store, objects=[reserved("r", "10.0.0.2")])
    assert open_rows(store, "a") == [(one, one, False), (three, three, False)]
    release(store, "c2")
    assert open_rows(store, "a") == [(one, one, False), (three, three, False)]
    write(store, objects=[reserved("r")])
    assert open_rows(store, "a") == [(one, three, True)]
    assert claim(store, "c4", "a") == "10.0.0.2"


def test_an_edit_writes_the_ranges_anew_with_what_is_held(store: Store) -> None:
    write(store, pool("a", "10.0.0.1-10.0.0.3"))
    claim(store, "c1", "a")
    write(store, pool("a", "10.0.0.1", "10.0.0.3-10.0.0.9"))
    one, three, nine = (number(f"10.0.0.{n}") for n in (1, 3, 9))
    assert open_rows(store, "a") == [(one, one, False), (three, nine, True)]
    release(store, "c1")
    store.writer.delete_pool("a", "", NOW)
    assert open_rows(store, "a") == []


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database in which each example undoes what it wrote."""
    with create_store(tmp_path_factory.mktemp("scratch") / "ipam.db") as opened:
        yield opened.database


def test_an_address_of_the_other_family_is_in_no_range(store: Store) -> None:
    write(store, pool("a", "10.0.0.0/8"), pool("six", "a00::/64", subnet="a00::/64"))
    answers = [
        is_claimable(store.database, name, family, number(text))
        for name in ("a", "six")
        for family, text in ((4, "10.0.0.5"), (6, "a00::5"))
    ]
    assert answers == [True, False, False, True]


pairs = st.tuples(st.integers(0, 3000), st.integers(0, 20)).map(lambda p: (p[0], p[0] + p[1]))
normal = st.lists(pairs, max_size=8).map(union)


@given(normal, normal, normal)
def test_the_lowest_free_address_is_that_of_a_search_one_by_one(
    scratch: Database, claimable: Intervals, held: Intervals, released: Intervals
) -> None:
    database = scratch
    with database.transaction() as nothing_remains:
        bitmap = Bitmap(database, 4)
        replace(database, bitmap, "p", claimable)
        members = set()
        for one in (one for first, last in held for one in range(first, last + 1)):
            bitmap.take(one)
            took(database, bitmap, "p", 4, one)
            members.add(one)
        for one in (one for first, last in released for one in range(first, last + 1)):
            if one in members:
                bitmap.free(one)
                freed(database, "p", 4, one)
                members.remove(one)
        inside = (one for first, last in claimable for one in range(first, last + 1))
        expected = next((one for one in inside if one not in members), None)
        assert lowest_free(database, bitmap, "p") == expected
        for one in {edge + step for pair in claimable for edge in pair for step in (-1, 0, 1)}:
            if one >= 0:
                assert is_claimable(database, "p", 4, one) == contains(claimable, one)
        nothing_remains.abandon()
