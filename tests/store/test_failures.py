"""Every way in which a file can fail, with real files, and what the user is told."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from model.errors import (
    PoolweaverError,
    StoreBusyError,
    StoreError,
    StoreMissingError,
    StoreSchemaError,
)
from model.leases import Busy, Claim, Release
from store.create import create_store
from store.database import APPLICATION_ID, SCHEMA_NUMBER
from store.repair import check
from store.store import Store, open_store
from tests.store.build import NOW, attachment, claim, claim_of, holder, pool, write
from tests.store.processes import BECOME_NOBODY, finish, run, start

Told = tuple[type, str, str, str, object]


def told(error: PoolweaverError) -> Told:
    return type(error), error.code, error.message, error.hint, error.span


def refusal(path: str) -> Told:
    with pytest.raises(StoreError) as caught:
        open_store(path)
    return told(caught.value)


@pytest.fixture
def filled(path: str) -> str:
    """A closed store with one lease and enough pages to cut some off."""
    with create_store(path) as store:
        write(store, *[pool(f"p{i}", f"10.0.{i}.0/24") for i in range(100)])
        claim(store, "c1", "p0")
    return path


def missing(path: str, what: str = "there is no store at") -> Told:
    hint = (
        "if there was one, mount its disk or `poolweaver restore FILE`; "
        f"`poolweaver --db {path} apply -f ...` makes a new one"
    )
    return StoreMissingError, "store-missing", f"{what} `{path}`", hint, None


def foreign(path: str) -> Told:
    return (
        StoreError,
        "store-foreign",
        f"`{path}` is not a store of Poolweaver",
        "give the path of another file with `--db`; this one was left as it was",
        None,
    )


def damaged(path: str) -> Told:
    return (
        StoreError,
        "store-damaged",
        f"the store `{path}` is damaged",
        "`poolweaver restore FILE` puts a backup in its place, and keeps it beside that",
        None,
    )


def read_only(path: str) -> tuple[str, str, str]:
    return (
        "store-read-only",
        f"the store `{path}` may not be written to",
        "run as the owner of the file and its folder, on a file system that is mounted writable",
    )


def full(path: str) -> Told:
    return (
        StoreError,
        "store-full",
        f"there is no space left for the store `{path}`",
        "free space on its file system and try again; nothing was changed",
        None,
    )


def busy(path: str) -> Told:
    return (
        StoreBusyError,
        "store-busy",
        f"the store `{path}` is busy: another process writes to it",
        "try again; nothing was changed",
        None,
    )


def test_a_missing_file_is_not_created(path: str, tmp_path: Path) -> None:
    assert refusal(path) == missing(path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_a_missing_store(tmp_path: Path) -> None:
    path = str(tmp_path / "no" / "ipam.db")
    assert refusal(path) == missing(path)


def test_an_empty_file_is_no_store_yet(path: str) -> None:
    Path(path).touch()
    assert refusal(path) == missing(path, "there is only an empty file at")


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    path = str(tmp_path)
    assert refusal(path) == (
        StoreError,
        "store-failed",
        f"the store `{path}` cannot be opened",
        "see that it is a file, and that it may be read",
        None,
    )


def test_a_file_that_is_no_database_is_foreign(path: str) -> None:
    Path(path).write_text("apiVersion: v1\nkind: Pod\n" * 99)
    assert refusal(path) == foreign(path)


def test_a_database_of_another_program_is_foreign(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    assert refusal(path) == foreign(path)


@pytest.mark.parametrize("length", [7, 60, 511, 4096, 10_000, 200_000])
def test_a_truncated_file_is_damaged(filled: str, length: int) -> None:
    assert Path(filled).stat().st_size > length
    os.truncate(filled, length)
    assert refusal(filled) == damaged(filled)


def test_a_file_with_overwritten_pages_is_damaged(filled: str) -> None:
    size = Path(filled).stat().st_size
    with Path(filled).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError) as caught, open_store(filled) as store:
        store.leases.execute([Release(attachment("c1"))], NOW)
    assert told(caught.value) == damaged(filled)


def set_version(path: str, number: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {number}")


def test_a_newer_store_is_refused_with_what_this_program_knows(filled: str) -> None:
    set_version(filled, SCHEMA_NUMBER + 1)
    assert refusal(filled) == (
        StoreSchemaError,
        "store-schema",
        f"the store `{filled}` has schema {SCHEMA_NUMBER + 1}, and this program knows up to "
        f"{SCHEMA_NUMBER}",
        "use the newer program that wrote it, or upgrade this one",
        None,
    )


def test_an_older_store_is_refused_with_the_way_to_migrate_it(filled: str) -> None:
    set_version(filled, 0)
    assert refusal(filled) == (
        StoreSchemaError,
        "store-schema",
        f"the store `{filled}` has schema 0, and this program needs {SCHEMA_NUMBER}",
        f"run `poolweaver --db {filled} migrate`",
        None,
    )
    with closing(sqlite3.connect(filled)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


HOLD_THE_LOCK = """
import sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_store_that_another_process_writes_to_is_busy(filled: str) -> None:
    other = start(HOLD_THE_LOCK, filled)
    assert other.stdout.readline() == "locked\n"
    with open_store(filled, busy_seconds=0.05) as store:
        operations: list[Claim | Release] = [claim_of(store, "c2", "p0"), Release(attachment("c1"))]
        assert store.leases.execute(operations, NOW) == [Busy(), Busy()]
        with pytest.raises(StoreBusyError) as caught:
            write(store, pool("new", "10.200.0.1"))
        assert told(caught.value) == busy(filled)
        assert caught.value.retryable
        assert len(store.leases.by_pool("p0")) == 1  # readers do not wait
        other.stdin.write("done\n")
        finish(other)
        assert claim(store, "c2", "p0") == "10.0.0.1"


CLAIM_AND_TELL = (
    """
from model.errors import StoreError
from store.store import open_store
from tests.store.build import claim
"""
    + BECOME_NOBODY
    + """
try:
    with open_store(sys.argv[1]) as store:
        print(claim(store, "c2", "p0"))
except StoreError as error:
    print(error.code, error.message, error.hint, sep="|")
"""
)


@pytest.mark.parametrize("part", ["file", "folder"])
def test_a_store_that_may_not_be_written_to_says_so(filled: str, tmp_path: Path, part: str) -> None:
    """Run as another user, since root may write everywhere."""
    folder = tmp_path
    for one in (folder, *folder.parents):
        if one == Path(tempfile.gettempdir()):
            break
        one.chmod(0o755)
    folder.chmod(0o555 if part == "folder" else 0o777)
    Path(filled).chmod(0o444 if part == "file" else 0o666)
    output = run(CLAIM_AND_TELL, filled).strip()
    folder.chmod(0o755)
    assert tuple(output.split("|")) == read_only(filled)


def claim_many(store: Store, count: int, answered: list[object], *pools: str) -> None:
    """Claims one by one, noting each answer, until there is an error."""
    for i in range(count):
        who = holder("x" * 200, "u")
        answered.append(claim(store, f"many-{i}", *pools, who=who))


def test_a_full_database_says_so_and_keeps_what_it_has(filled: str) -> None:
    with open_store(filled) as store:
        ((pages,),) = store.database.rows("PRAGMA page_count")
        store.database.run(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError) as caught:
            claim_many(store, 1000, [], "p0", "p1", "p2", "p3")
        assert told(caught.value) == full(filled)
        count = store.database.row("SELECT count(*) FROM lease")
        with pytest.raises(StoreError) as caught:
            write(store, *[pool(f"q{i}", f"10.100.{i}.0/24") for i in range(100)])
        assert told(caught.value) == full(filled)
        assert store.pools.get("q0") is None
        store.database.run("PRAGMA max_page_count = 1000000")
        assert store.database.row("SELECT count(*) FROM lease") == count
        assert check(store) == []
        claim(store, "more", "p50")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where this machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_says_so_and_loses_nothing(small_disk: Path) -> None:
    path = str(small_disk / "ipam.db")
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.0/16"))
        answered: list[object] = []
        with pytest.raises(StoreError) as caught:
            claim_many(store, 5000, answered, "a")
        assert told(caught.value) == full(path)
        with open_store(path) as reader:
            assert len(reader.leases.by_pool("a")) == len(answered)
            assert check(reader) == []
