"""The fake API promises what the real one does: whole objects, revisions, a log to watch."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from model.errors import StoreBusyError
from tests.objects.api import (
    AlreadyExistsError,
    ConflictError,
    Event,
    FakeApi,
    NoAnswerError,
    Object,
    TooOldError,
)
from tests.objects.client import Client
from tests.objects.faults import FaultyApi


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


def test_an_object_is_created_once(api: FakeApi) -> None:
    made = api.create("Kind", "a", {"x": [1]})
    assert (made.revision, made.body) == (1, {"x": [1]})
    with pytest.raises(AlreadyExistsError):
        api.create("Kind", "a", {})
    assert api.get("Kind", "a") == made
    assert api.get("Other", "a") is None


def test_only_who_names_the_revision_changes_or_deletes_an_object(api: FakeApi) -> None:
    old = api.create("Kind", "a", {"x": 1})
    new = api.update(old, {"x": 2})
    for late in (lambda: api.update(old, {}), lambda: api.delete(old)):
        with pytest.raises(ConflictError):
            late()
    assert api.get("Kind", "a") == new
    api.delete(new)
    with pytest.raises(ConflictError):
        api.update(new, {})
    assert api.create("Kind", "a", {}).revision == 4


def test_a_list_is_of_one_kind_and_one_moment(api: FakeApi) -> None:
    one, two = (api.create("Kind", name, {}) for name in ("b", "a"))
    api.create("Other", "c", {})
    assert api.list("Kind") == [two, one]
    assert api.list_at("Kind", 1) == [one]
    api.delete(one)
    assert (api.list("Kind"), api.list_at("Kind", 3)) == ([two], [two, one])


def test_a_watch_tells_every_write_after_a_revision_or_that_it_forgot(api: FakeApi) -> None:
    one = api.create("Kind", "a", {})
    two = api.update(one, {"x": 1})
    api.delete(two)
    assert list(api.watch(1)) == [Event("Kind", "a", 2, '{"x": 1}'), Event("Kind", "a", 3, None)]
    api.forget(2)
    with pytest.raises(TooOldError):
        list(api.watch(1))


def always(api: FakeApi, fault: str, late: list[Callable[[], object]]) -> FaultyApi:
    class Chance(Random):
        def choice(self, seq):  # type: ignore[no-untyped-def]
            return fault if fault in seq else "dropped"

    return FaultyApi(api, Chance(1), 0.7, late, lambda: None)


@pytest.mark.parametrize("fault", ["dropped", "lost", "late", "twice", "conflict"])
def test_a_client_knows_its_own_writes_again_through_trouble(api: FakeApi, fault: str) -> None:
    """Each write is there exactly once in the end, and whoever was told so was told the truth."""
    late: list[Callable[[], object]] = []
    client = Client(always(api, fault, late), "me")
    made = updated = False
    try:
        found = client.create("Kind", "a", 1)
        made = found is not None
        updated = found is not None and client.update(found, 2) is not None
    except StoreBusyError:
        pass
    now = api.get("Kind", "a")
    assert not made or now is not None
    assert not updated or (now is not None and now.body["value"] == 2)
    assert api.revision <= 2
    if fault in ("lost", "twice"):
        assert (made, updated) == (True, True)


def test_a_client_that_never_gets_an_answer_says_try_again(api: FakeApi) -> None:
    client = Client(FaultyApi(api, Random(1), 1.0, [], lambda: None), "me")
    with pytest.raises(StoreBusyError) as caught:
        client.list("Kind")
    assert (caught.value.code, caught.value.message, caught.value.hint) == (
        "store-busy",
        "the object API does not answer",
        "try again",
    )


def test_the_write_of_another_is_not_taken_for_ones_own(api: FakeApi) -> None:
    mine, other = Client(api, "me"), Client(api, "other")
    assert mine.create("Kind", "a", 1)
    assert other.create("Kind", "a", 1) is None
    found = other.get("Kind", "a")
    assert isinstance(found, Object)
    assert mine.update(found, 2)
    assert other.update(found, 2) is None
    assert not other.delete(found)


def test_trouble_is_what_its_seed_says(api: FakeApi) -> None:
    def story(seed: int) -> list[str]:
        faulty = FaultyApi(FakeApi(), Random(seed), 0.5, [], lambda: None)
        told = []
        for step in range(30):
            try:
                told.append(str(faulty.create("Kind", str(step), {})))
            except (NoAnswerError, AlreadyExistsError) as error:
                told.append(type(error).__name__)
        return told

    assert story(1) == story(1)
    assert story(1) != story(2)
