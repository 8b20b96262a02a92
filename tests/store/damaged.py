"""A store that was used, and damage done to its file: by SQLite, and not by the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

import pytest

from model.leases import Claimed, FamilyClaim, PoolChoice
from store.create import create_store
from store.repair import Problem, check, rebuild
from store.store import open_store
from tests.store.build import NOW, claim, claim_of, holder, pool, release, reserved, run, write


class Damage(NamedTuple):
    name: str
    script: str
    problems: Sequence[tuple[str, str]]  # what, message
    stays: Sequence[str] = ()  # what could be derived, but not from this


MISCOUNTED = ("journal-count", "the count of the journal's rows is not that of its rows")


@pytest.fixture
def used(path: str) -> str:
    """A closed store with bound, resting and reserved addresses of both families."""
    with create_store(path) as store:
        write(
            store,
            pool("a", "10.0.0.1-10.0.0.9"),
            pool("b", "10.0.0.20-10.0.0.29"),
            pool("six", "fd00::/64", subnet="fd00::/64"),
            objects=[reserved("r", "10.0.0.1-10.0.0.2")],
        )
        for i in range(3):
            claim(store, f"c{i}", "a", who=holder(f"web-{i}", "u"))
            claim(store, f"s{i}", "six", family=6)
        release(store, "c1", NOW + 1)
        write(store, objects=[reserved("s", "10.0.0.3")])
        both = claim_of(store, "both", "b")
        families = [FamilyClaim(4, [PoolChoice("b", 8)]), FamilyClaim(6, [PoolChoice("six", 64)])]
        assert isinstance(run(store, both.replace(families=families)), Claimed)
        store.settings.set("quarantine_seconds", 30)
    return path


def damage(path: str, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def checked(path: str) -> list[Problem]:
    with open_store(path) as store:
        return check(store)


def rebuilt(path: str) -> list[Problem]:
    with open_store(path) as store:
        return rebuild(store)


def told(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(one.what, one.message) for one in problems]
