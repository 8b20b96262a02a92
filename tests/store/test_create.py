"""New stores: private, whole, and one even when many make it at once."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from ipam.migrate import migrate
from model.errors import StoreError, StoreSchemaError
from store.create import create_store
from store.database import APPLICATION_ID, SCHEMA_NUMBER, connect_file
from store.store import Store, open_store
from tests.store.build import NOW, claim, pool, write
from tests.store.processes import BECOME_NOBODY, finish, run, start


def mode(path: str | Path) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def pragma(path: str, name: str) -> Any:
    database = connect_file(str(path))
    try:
        ((value,),) = database.rows(f"PRAGMA {name}")
        return value
    finally:
        database.close()


def test_a_new_store_and_its_new_folders_are_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    path = tmp_path / "var" / "lib" / "ipam.db"
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1"))
        modes = {one.name: mode(one) for one in path.parent.iterdir()}
        assert modes == {"ipam.db": 0o600, "ipam.db-wal": 0o600, "ipam.db-shm": 0o600}
    assert [mode(tmp_path), mode(path.parent.parent), mode(path.parent)] == [0o755, 0o700, 0o700]
    assert [one.name for one in path.parent.iterdir()] == ["ipam.db"]


def test_a_new_store_says_whose_it_is_and_writes_ahead(path: str) -> None:
    create_store(path).close()
    assert pragma(path, "application_id") == APPLICATION_ID
    assert pragma(path, "user_version") == SCHEMA_NUMBER
    assert pragma(path, "journal_mode") == "wal"


def test_every_connection_is_fully_synchronous(store: Store) -> None:
    assert store.database.row("PRAGMA synchronous") == (2,)


def test_an_existing_store_is_opened_as_it_is(path: str) -> None:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1"))
    with create_store(path) as store:
        assert store.pools.names(4) == ["a"]


def test_an_empty_file_becomes_a_store(path: str) -> None:
    Path(path).touch()
    create_store(path).close()
    open_store(path).close()
    assert mode(path) == 0o600


def test_what_a_killed_creation_left_does_no_harm(tmp_path: Path, path: str) -> None:
    (tmp_path / ".ipam.db.new").write_text("half a database")
    create_store(path).close()
    assert [one.name for one in tmp_path.iterdir()] == ["ipam.db"]


def test_a_path_with_odd_characters_is_that_path(tmp_path: Path) -> None:
    path = tmp_path / "a b?mode=ro#%41"
    create_store(path).close()
    open_store(str(path)).close()
    assert [one.name for one in tmp_path.iterdir()] == ["a b?mode=ro#%41"]


def test_a_relative_path_is_taken_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    create_store("ipam.db").close()
    open_store("ipam.db").close()
    assert (tmp_path / "ipam.db").exists()


CREATE = """
from store.create import create_store
from tests.store.build import claim, pool, write
sys.stdin.readline()
with create_store(sys.argv[1]) as store:
    write(store, pool("a", "10.0.0.1-10.0.0.99"))
    print(claim(store, sys.argv[2], "a"))
"""


def test_many_processes_create_one_store(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ipam.db"
    processes = [start(CREATE, path, f"c{i}") for i in range(6)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    addresses = [finish(process).strip() for process in processes]
    assert sorted(addresses) == [f"10.0.0.{i}" for i in range(1, 7)]
    assert [one.name for one in path.parent.iterdir()] == ["ipam.db"]


REFUSED = (
    """
from model.errors import StoreError
from store.create import create_store
"""
    + BECOME_NOBODY
    + """
try:
    create_store(sys.argv[1])
except StoreError as error:
    print(error.code, error.message, error.hint, sep="|")
"""
)


CREATE_LATE = """
from store.create import create_store
with create_store(sys.argv[1]) as store:
    print(store.settings.get("journal_days"))
"""


def test_who_creates_a_store_waits_for_the_one_who_does_and_finds_his(
    tmp_path: Path, path: str
) -> None:
    create_store(tmp_path / "other" / "ipam.db").close()
    with open_store(str(tmp_path / "other" / "ipam.db")) as store:
        store.settings.set("journal_days", 7)
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        late = start(CREATE_LATE, path)
        while late.poll() is None and not _waits_for_a_lock(late.pid):
            time.sleep(0.01)
        (tmp_path / "other" / "ipam.db").rename(path)
    finally:
        os.close(folder)
    assert finish(late) == "7\n"


def _waits_for_a_lock(process: int) -> bool:
    rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(row[1] == "->" and row[2] == "FLOCK" and row[5] == str(process) for row in rows)


def test_a_store_in_a_folder_that_may_not_be_written_to_is_not_created(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("refused")
    for one in (folder, *folder.parents[:2]):
        one.chmod(0o555 if one == folder else 0o755)
    path = folder / "sub" / "ipam.db"
    assert run(REFUSED, path).strip().split("|") == [
        "store-read-only",
        f"the store `{path}` cannot be created: permission denied",
        "give another path with `--db`, or run as a user who may write there",
    ]


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        create_store(tmp_path / "file" / "ipam.db")
    assert caught.value.code == "store-failed"
    assert "cannot be created: " in caught.value.message


# --- schemas


def test_migrating_a_store_of_this_schema_changes_nothing(path: str) -> None:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1"))
    before = Path(path).read_bytes()
    assert migrate(path) == (SCHEMA_NUMBER, SCHEMA_NUMBER)
    assert Path(path).read_bytes() == before


def test_an_older_store_is_migrated_and_serves(path: str) -> None:
    """Schema 0 is what a program before the first schema would have left: our file, no tables."""
    database = connect_file(path, create=True)
    database.run(f"PRAGMA application_id = {APPLICATION_ID}")
    database.close()
    with pytest.raises(StoreSchemaError):
        open_store(path)
    assert migrate(path) == (0, SCHEMA_NUMBER)
    with open_store(path) as store:
        write(store, pool("a", "10.0.0.1"), now=NOW)
        assert claim(store, "c1", "a") == "10.0.0.1"


@pytest.mark.parametrize("foreign", [True, False])
def test_neither_foreign_nor_newer_files_are_migrated(path: str, foreign: bool) -> None:
    create_store(path).close()
    database = connect_file(path)
    database.run("PRAGMA application_id = 7" if foreign else "PRAGMA user_version = 99")
    database.close()
    before = Path(path).read_bytes()
    with pytest.raises(StoreError) as caught:
        migrate(path)
    assert caught.value.code == ("store-foreign" if foreign else "store-schema")
    assert Path(path).read_bytes() == before
