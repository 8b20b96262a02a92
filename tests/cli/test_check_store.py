"""`check-store`: what it prints of a whole store and of broken ones, and how it ends."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.create import create_store
from store.database import SCHEMA_NUMBER
from tests.cli.conftest import Cli
from tests.store.build import claim, pool, write
from tests.store.disks import mounted, remount


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "ipam.db"
    fill(path)
    return path


def fill(path: Path) -> None:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1-10.0.0.99"))
        for i in range(30):
            claim(store, f"c{i}", "a")


def damage(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def whole(db: Path) -> str:
    return (
        f"store:   {db} (schema {SCHEMA_NUMBER})\n"
        "checked: 1 pool, 30 leases (30 bound, 0 kept, 0 resting), 30 journal rows, 0 objects, "
        "0 sightings\n"
        "whole:   every invariant holds\n"
    )


def test_a_whole_store_says_so_with_counts(cli: Cli, db: Path) -> None:
    done = cli("check-store")
    assert (done.code, done.out, done.err) == (0, whole(db), "")


def test_what_is_broken_is_named_with_what_to_do_and_ends_with_3(cli: Cli, db: Path) -> None:
    damage(db, "DELETE FROM pool_usage; UPDATE lease SET answer = '' WHERE address = x'0a000002'")
    done = cli("check-store")
    assert (done.code, done.err) == (3, "")
    assert done.out == (
        "broken[counts]: the counts of pool `a` do not agree with its leases\n"
        "  hint: `poolweaver check-store --rebuild` mends it\n"
        "broken[lease-answer]: the lease of `10.0.0.2` answers with another address, or with none\n"
        "  hint: see `poolweaver ip show 10.0.0.2`; once nothing uses the address any more, "
        "`poolweaver ip release --force 10.0.0.2`\n"
        f"store:   {db} (schema {SCHEMA_NUMBER})\n"
        "checked: 1 pool, 30 leases (30 bound, 0 kept, 0 resting), 30 journal rows, 0 objects, "
        "0 sightings\n"
        "2 problems\n"
    )


def test_rebuild_says_what_it_changed_and_what_is_left(cli: Cli, db: Path) -> None:
    damage(db, "DELETE FROM pool_usage; UPDATE lease SET answer = '' WHERE address = x'0a000002'")
    done = cli("check-store", "--rebuild")
    assert done.code == 3
    assert done.out.startswith(
        "mended[counts]: the counts of pool `a` do not agree with its leases\n"
        "broken[lease-answer]: "
    )
    assert done.out.endswith("1 problem\n")


def test_rebuild_of_a_whole_store_has_nothing_to_do(cli: Cli, db: Path) -> None:
    assert cli("check-store", "--rebuild").out == "nothing to rebuild\n" + whole(db)


def test_many_of_a_kind_are_counted_and_all_are_in_the_json(cli: Cli, db: Path) -> None:
    damage(db, "UPDATE lease SET answer = ''")
    lines = cli("check-store").out.splitlines()
    assert len([line for line in lines if line.startswith("broken[lease-answer]: the")]) == 20
    assert lines[-4] == "broken[lease-answer]: 10 more; -o json lists them"
    assert lines[-1] == "30 problems"
    document = json.loads(cli("check-store", "-o", "json").out)
    assert len(document["problems"]) == 30
    assert document["problems"][0] == {
        "what": "lease-answer",
        "message": "the lease of `10.0.0.1` answers with another address, or with none",
        "address": "10.0.0.1",
        "pool": "a",
        "remedy": "release",
        "hint": "see `poolweaver ip show 10.0.0.1`; once nothing uses the address any more, "
        "`poolweaver ip release --force 10.0.0.1`",
    }


def test_the_json_of_a_whole_store(cli: Cli, db: Path) -> None:
    done = cli("check-store", "-o", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {
        "store": str(db),
        "schema": SCHEMA_NUMBER,
        "whole": True,
        "counts": {
            "pool": 1, "lease": 30, "journal": 30, "object": 0, "sighting": 0,
            "bound": 30, "kept": 0, "resting": 0,
        },
        "problems": [],
        "mended": [],
    }  # fmt: skip


def test_a_missing_store_is_an_error_and_not_created(cli: Cli, db: Path) -> None:
    db.unlink()
    done = cli("check-store")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error[store-missing]: there is no store at `{db}`\n")
    assert not db.exists()


def test_files_that_others_may_use_are_warned_of(cli: Cli, db: Path) -> None:
    db.chmod(0o640)
    db.parent.chmod(0o770)
    warnings = (
        f"warning: others may use `{db}`; run `chmod 600 {db}`\n"
        f"warning: others may use `{db.parent}`; run `chmod go-w {db.parent}`\n"
    )
    for command in ("check-store", "status"):
        done = cli(command)
        assert (done.code, done.err) == (0, warnings)
    db.chmod(0o600)
    db.parent.chmod(0o755)
    assert cli("check-store").err == ""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk") as folder:
        yield folder


def test_a_store_on_a_disk_that_is_mounted_read_only_can_be_checked(cli: Cli, disk: Path) -> None:
    db = disk / "ipam.db"
    fill(db)
    remount(disk, "ro")
    done = cli("--db", db, "check-store")
    assert (done.code, done.out, done.err) == (0, whole(db), "")
    rebuilding = cli("--db", db, "check-store", "--rebuild")
    assert (rebuilding.code, rebuilding.out) == (1, "")
    assert rebuilding.err.startswith("error[store-read-only]: ")


def test_what_a_killed_writer_left_beside_it_is_read_too(cli: Cli, disk: Path) -> None:
    db = disk / "ipam.db"
    fill(db)
    before = db.read_bytes()
    with create_store(db) as store:
        claim(store, "last", "a")
        wal = Path(f"{db}-wal").read_bytes()
    db.write_bytes(before)
    Path(f"{db}-wal").write_bytes(wal)
    Path(f"{db}-wal").chmod(0o600)
    remount(disk, "ro")
    done = cli("--db", db, "check-store")
    assert (done.code, done.err) == (0, "")
    assert "31 leases (31 bound" in done.out
    assert f"store:   {db} " in done.out
