"""Stores of every older schema: migrated whole or not at all, with all that was in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ipam.migrate import migrate
from model.errors import StoreBusyError, StoreSchemaError
from model.leases import Holder, Release
from store.create import create_store
from store.database import SCHEMA_NUMBER, connect_file
from store.migrations import steps
from store.repair import check
from store.store import open_store
from tests.store.build import attachment, claim, run, take_over
from tests.store.processes import run as run_process
from tests.store.processes import start
from tests.store.samples import SCHEMAS, contents_then, unpack_sample
from tests.store.samples.make import contents

OLDER = [schema for schema in SCHEMAS if schema < SCHEMA_NUMBER]


def schema_of(path: str | Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        ((number,),) = connection.execute("PRAGMA user_version")
        return int(number)


def tables_of(path: str | Path) -> list[tuple[Any, ...]]:
    """Every table, column by column, and every index."""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def kept(then: Any, now: Any) -> Any:
    """`now` without what was not there `then`: a later program may tell more of the same thing."""
    if isinstance(then, dict) and isinstance(now, dict):
        return {key: kept(then[key], value) for key, value in now.items() if key in then}
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [kept(one, other) for one, other in zip(then, now, strict=True)]
    return now


def test_the_schema_number_is_that_of_the_last_step_and_no_number_is_left_out() -> None:
    assert [step.number for step in steps()] == list(range(1, SCHEMA_NUMBER + 1))


def test_there_is_a_sample_of_every_older_schema() -> None:
    assert list(range(1, SCHEMA_NUMBER)) == OLDER


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_sample_is_migrated_with_all_that_was_in_it(path: str, schema: int) -> None:
    unpack_sample(schema, path)
    assert schema_of(path) == schema
    assert migrate(path) == (schema, SCHEMA_NUMBER)
    with open_store(path) as store:
        then = contents_then(schema)
        assert kept(then, contents(store)) == then
        assert check(store) == []


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_migrated_sample_has_the_tables_of_a_new_store(
    path: str, tmp_path: Path, schema: int
) -> None:
    migrate(unpack_sample(schema, path))
    create_store(tmp_path / "new.db").close()
    assert tables_of(path) == tables_of(tmp_path / "new.db")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_migrated_sample_serves(path: str, schema: int) -> None:
    migrate(unpack_sample(schema, path))
    with open_store(path) as store:
        web = Holder("shop", "web-1", "u1", "pod/shop/web-1/u1/eth0")
        taken = take_over(store, "c3", web, 1_700_001_000)
        assert [lease.answer.address for lease in taken.leases] == [
            "10.6.168.101/16",
            "fd00:6::100/64",
        ]
        gone = run(store, Release(attachment("c3")), 1_700_001_001)
        assert [lease.pool for lease in gone.leases] == ["web-v4", "web-v6"]
        assert claim(store, "new", "web-v4", now=1_700_001_002) == "10.6.168.106"
        assert check(store) == []


@pytest.mark.parametrize("schema", SCHEMAS)
def test_migrating_twice_changes_nothing(path: str, schema: int) -> None:
    migrate(unpack_sample(schema, path))
    before = Path(path).read_bytes()
    assert migrate(path) == (SCHEMA_NUMBER, SCHEMA_NUMBER)
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize("schema", OLDER)
def test_an_older_sample_is_refused_until_it_is_migrated(path: str, schema: int) -> None:
    unpack_sample(schema, path)
    with pytest.raises(StoreSchemaError) as caught:
        open_store(path)
    assert (caught.value.code, caught.value.message, caught.value.hint) == (
        "store-schema",
        f"the store `{path}` has schema {schema}, and this program needs {SCHEMA_NUMBER}",
        f"run `poolweaver --db {path} migrate`",
    )


KILL_AT_EACH_STATEMENT = """
import os, shutil, signal
from ipam.migrate import FUNCTIONS
from store.create import _apply_migrations
from store.database import connect_file
def migrate_until(path, left):
    def count(statement):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    database = connect_file(path)
    database.connection.set_trace_callback(count)
    _apply_migrations(database, FUNCTIONS)
    os._exit(0)
number, status = 0, None
while status != 0:
    number += 1
    path = f"{sys.argv[1]}.{number}"
    shutil.copy(sys.argv[1], path)
    child = os.fork()
    if child == 0:
        migrate_until(path, number)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    print(path)
"""


@pytest.mark.parametrize("schema", OLDER)
def test_a_migration_killed_at_any_statement_leaves_the_old_schema_whole(
    path: str, schema: int
) -> None:
    """Each process is killed as its n-th statement begins, until one lives to the end."""
    then, old = contents_then(schema), tables_of(unpack_sample(schema, path))
    *killed, done = run_process(KILL_AT_EACH_STATEMENT, path).splitlines()
    assert schema_of(done) == SCHEMA_NUMBER
    assert len(killed) > 5
    for one in killed:
        assert (schema_of(one), tables_of(one)) == (schema, old)
        assert migrate(one) == (schema, SCHEMA_NUMBER)
        with open_store(one) as store:
            assert kept(then, contents(store)) == then
            assert check(store) == []


def test_a_store_that_another_process_writes_to_is_not_migrated(path: str) -> None:
    unpack_sample(1, path)
    other = connect_file(path)
    with other.transaction(), pytest.raises(StoreBusyError):
        migrate(path, busy_seconds=0.05)
    other.close()
    assert migrate(path) == (1, SCHEMA_NUMBER)


MIGRATE = """
from ipam.migrate import migrate
sys.stdin.readline()
print(migrate(sys.argv[1])[1])
"""


def test_processes_that_migrate_at_once_all_find_the_present_schema(path: str) -> None:
    unpack_sample(1, path)
    processes = [start(MIGRATE, path) for _ in range(4)]
    ended = [process.communicate("go\n", timeout=120) for process in processes]
    assert ended == [(f"{SCHEMA_NUMBER}\n", "")] * 4
    with open_store(path) as store:
        assert check(store) == []
