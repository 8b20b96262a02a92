"""Every recorded case of Spiderpool, through the program's own verbs, or excepted with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.spiderpool import (
    allocate_addresses,
    filter_pools,
    range_parse,
    reclaim_leases,
    release_addresses,
    select_candidates,
    sort_pools,
    validate_pool,
)
from tests.spiderpool.cases import Case, read_cases
from tests.spiderpool.exceptions import CONCRETE, INSTEAD, NOT_RUN
from tests.spiderpool.words import picked
from tests.spiderpool.worlds import World

KINDS: dict[str, ModuleType] = {
    "range-parse": range_parse,
    "validate-pool": validate_pool,
    "select": select_candidates,
    "filter": filter_pools,
    "sort": sort_pools,
    "allocate": allocate_addresses,
    "release": release_addresses,
    "reclaim": reclaim_leases,
}
CASES = read_cases()
RUN = [case for case in CASES if case.id not in NOT_RUN]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.mark.parametrize("case", RUN, ids=[case.id for case in RUN])
def test_a_recorded_case_is_answered_as_recorded_or_as_decided(case: Case, world: World) -> None:
    kind = KINDS[case.kind]
    given, wanted = CONCRETE.get(case.id, case.given), None
    if case.id in INSTEAD:
        ours = INSTEAD[case.id]
        given, wanted = ours.given or given, dict(ours.wanted)
    if wanted is None:
        wanted = kind.in_our_words(case.wanted)
    assert wanted, "a case expects something"
    assert picked(kind.run(world, given), wanted) == wanted


def test_every_case_is_run_or_excepted_and_nothing_else_is_named() -> None:
    ids = [case.id for case in CASES]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    excepted = [*CONCRETE, *INSTEAD, *NOT_RUN]
    assert [name for name in excepted if name not in ids] == []
    assert [name for name, count in Counter(excepted).items() if count > 1] == []
    assert sorted([case.id for case in RUN] + list(NOT_RUN)) == sorted(ids)
    assert {case.kind for case in RUN} == set(KINDS)


def test_an_exception_says_why() -> None:
    reasons = [*(one.reason for one in INSTEAD.values()), *NOT_RUN.values()]
    assert [reason for reason in reasons if len(reason.split()) < 5] == []


@pytest.mark.parametrize("name", sorted(n for n, one in INSTEAD.items() if one.given is None))
def test_an_exception_is_one_only_where_the_answers_differ(name: str, world: World) -> None:
    case = next(case for case in CASES if case.id == name)
    kind = KINDS[case.kind]
    try:
        wanted = kind.in_our_words(case.wanted)
    except ValueError:  # an error that we have no counterpart of
        return
    assert wanted, "a case expects something"
    assert picked(kind.run(world, case.given), wanted) != wanted
