"""Writers of all processes take turns, and nobody waits without bound."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from model.errors import StoreBusyError
from model.leases import Busy, Release
from store.create import create_store
from store.store import open_store
from tests.store.build import NOW, attachment, claim, claim_of, pool, write
from tests.store.processes import finish, start

# Takes its turn and goes no further: SQLite's own lock stays free.
TAKE_A_TURN = """
import os
from store.turns import _open, _take
turn = _open(sys.argv[1])
assert _take(turn)
print("mine", flush=True)
sys.stdin.readline()
"""
WRITE_AND_STAY = """
from store.store import open_store
store = open_store(sys.argv[1])
store.database.transaction().__enter__()
print("writing", flush=True)
sys.stdin.readline()
"""
CLAIM = """
from store.store import open_store
from tests.store.build import claim
with open_store(sys.argv[1], busy_seconds=600) as store:
    print("asking", flush=True)
    print(claim(store, sys.argv[2], "a"))
"""


@pytest.fixture
def db(path: str) -> str:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1-10.0.0.99"))
        claim(store, "c1", "a")
    return path


def test_a_writer_waits_for_its_turn_no_longer_than_the_bound(db: str) -> None:
    with open_store(db, busy_seconds=0.05) as store:
        other = start(TAKE_A_TURN, db)
        assert other.stdout.readline() == "mine\n"
        assert store.leases.execute([Release(attachment("c1"))], NOW) == [Busy()]
        with pytest.raises(StoreBusyError) as caught:
            write(store, pool("new", "10.200.0.1"))
        assert (caught.value.code, caught.value.message, caught.value.hint, caught.value.span) == (
            "store-busy",
            f"the store `{db}` is busy: another process writes to it",
            "try again; nothing was changed",
            None,
        )
        assert len(store.leases.by_pool("a")) == 1  # readers take no turns
        other.stdin.write("done\n")
        finish(other)
        assert claim(store, "c2", "a") == "10.0.0.2"


def test_the_turn_of_a_killed_writer_is_over(db: str) -> None:
    writer = start(WRITE_AND_STAY, db)
    assert writer.stdout.readline() == "writing\n"
    waiting = start(CLAIM, db, "c2")
    assert waiting.stdout.readline() == "asking\n"
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=60)
    assert finish(waiting) == "10.0.0.2\n"


def test_a_writer_whose_turn_it_is_while_others_ignore_turns_waits_within_the_bound(
    db: str,
) -> None:
    """A program that knows nothing of turns holds SQLite's lock."""
    with open_store(db, busy_seconds=0.05) as store, open_store(db) as other:
        other.database.run("BEGIN IMMEDIATE")
        turn = start(TAKE_A_TURN, db)
        assert turn.stdout.readline() == "mine\n"
        turn.stdin.write("done\n")
        finish(turn)
        assert store.leases.execute([claim_of(store, "c2", "a")], NOW) == [Busy()]
        other.database.run("ROLLBACK")
        assert claim(store, "c2", "a") == "10.0.0.2"


def test_sqlite_waits_as_long_as_before_once_a_writer_had_to_wait_for_its_turn(db: str) -> None:
    with open_store(db, busy_seconds=600) as store:
        other = start(TAKE_A_TURN, db)
        assert other.stdout.readline() == "mine\n"
        other.stdin.write("done\n")
        other.stdin.flush()  # it ends while the claim waits, or before
        assert claim(store, "c2", "a") == "10.0.0.2"
        finish(other)
        assert store.database.row("PRAGMA busy_timeout") == (600_000,)


def test_a_failed_transaction_ends_its_turn(db: str) -> None:
    with open_store(db) as store:
        with pytest.raises(ZeroDivisionError), store.database.transaction():
            _ = 1 / 0
        with pytest.raises(StoreBusyError), open_store(db, 0.01) as late:  # noqa: SIM117
            with store.database.transaction(), late.database.transaction():
                pass
        assert finish(start(TAKE_A_TURN_AT_ONCE, db)) == "True\n"


TAKE_A_TURN_AT_ONCE = """
from store.turns import _open, _take
print(_take(_open(sys.argv[1])))
"""


def test_no_descriptor_is_left_open(db: str) -> None:
    descriptors = Path("/proc/self/fd")
    with open_store(db) as store:
        claim(store, "c2", "a")
        before = len(list(descriptors.iterdir()))
        for i in range(3, 20):
            claim(store, f"c{i}", "a")
        assert len(list(descriptors.iterdir())) == before


def test_a_store_whose_log_may_not_be_opened_is_written_to_without_turns(db: str) -> None:
    with open_store(db) as store:
        store.database.path = str(Path(db).with_name("elsewhere"))
        assert claim(store, "c2", "a") == "10.0.0.2"
