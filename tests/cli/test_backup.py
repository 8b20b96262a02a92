"""`backup` and `restore`: one moment, whole or nothing, and nobody's address given to another."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ipam.history import address_history
from model.sightings import Sighting
from store.create import create_store
from store.repair import check
from store.store import open_store
from tests.cli.conftest import Cli
from tests.store.build import NOW, claim, holder, pool, release, write
from tests.store.disks import fill_up, mounted, remount
from tests.store.processes import finish, start


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "ipam.db"
    fill(path)
    return path


def fill(path: Path) -> None:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1-10.0.0.99"), pool("six", "fd00::/64", subnet="fd00::/64"))
        for i in range(3):
            claim(store, f"c{i}", "a", who=holder(f"web-{i}", f"u{i}"))


@pytest.fixture
def copy(cli: Cli, db: Path, tmp_path: Path) -> Path:
    """A backup of the store as `db` makes it."""
    path = tmp_path / "copy.db"
    assert cli("backup", path).code == 0
    return path


HELD = "2 pools, 3 leases (3 bound, 0 kept, 0 resting), 3 journal rows, 0 objects, 0 sightings"


def held(path: Path) -> dict[str, str]:
    """Address to container, of all leases that are not resting; the store is whole."""
    with open_store(str(path)) as store:
        assert check(store) == []
        leases = [one for name in ("a", "six") for one in store.leases.by_pool(name)]
        return {
            one.answer.address.partition("/")[0]: one.attachment.container_id
            for one in leases
            if one.state != "resting"
        }


BEFORE = {"10.0.0.1": "c0", "10.0.0.2": "c1", "10.0.0.3": "c2"}


# --- backup


def test_a_backup_is_a_private_whole_store(cli: Cli, db: Path, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        done = cli("backup", tmp_path / "copy.db")
    finally:
        os.umask(old)
    text = f"{tmp_path / 'copy.db'} is a whole copy of {db}: {HELD}\n"
    assert (done.code, done.out, done.err) == (0, text, "")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy.db", "state"]
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert held(tmp_path / "copy.db") == held(db) == BEFORE


def test_a_backup_has_what_lies_in_the_log_alone(cli: Cli, db: Path, tmp_path: Path) -> None:
    with open_store(str(db)) as store:
        claim(store, "late", "six", family=6)
        done = cli("backup", tmp_path / "copy.db", "-o", "json")
    assert json.loads(done.out)["counts"]["lease"] == 4
    assert held(tmp_path / "copy.db") == BEFORE | {"fd00::": "late"}


CLAIM_FOR_EVER = """
from store.store import open_store
from tests.store.build import claim
with open_store(sys.argv[1]) as store:
    print("ready", flush=True)
    count = 0
    while count < 2000:
        claim(store, f"n{count}", "six", family=6)
        count += 1
"""


def test_backups_while_others_write_are_whole_each(cli: Cli, db: Path, tmp_path: Path) -> None:
    writer = start(CLAIM_FOR_EVER, db)
    assert writer.stdout.readline() == "ready\n"
    counts: list[int] = []
    while writer.poll() is None or not counts:
        done = cli("backup", tmp_path / "copy.db", "--force", "-o", "json")
        assert (done.code, done.err) == (0, "")
        found = json.loads(done.out)["counts"]
        assert found["lease"] == found["journal"] == found["bound"]
        counts.append(found["lease"])
        if len(counts) == 3:
            writer.kill()
            writer.communicate()
    assert counts == sorted(counts)


def refused(cli: Cli, *arguments: object) -> tuple[int, str]:
    done = cli(*arguments)
    assert done.out == ""
    return done.code, done.err


def test_nothing_is_overwritten_without_force(cli: Cli, db: Path, copy: Path) -> None:
    before = copy.read_bytes()
    assert refused(cli, "backup", copy) == (
        1,
        f"error[invalid-argument]: `{copy}` is there already\n"
        "  hint: name another file, or add --force to replace it\n",
    )
    assert copy.read_bytes() == before
    assert cli("backup", copy, "--force").code == 0


def test_a_backup_is_neither_the_store_nor_a_folder_nor_nowhere(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    assert refused(cli, "backup", db, "--force") == (
        1,
        f"error[invalid-argument]: `{db}` is the store itself\n  hint: name another file\n",
    )
    assert refused(cli, "backup", tmp_path, "--force") == (
        1,
        f"error[invalid-argument]: `{tmp_path}` is a folder\n  hint: name a file in it\n",
    )
    nowhere = tmp_path / "no" / "copy.db"
    assert refused(cli, "backup", nowhere) == (
        1,
        f"error[unwritable-file]: cannot write `{nowhere}`: no such file or directory\n"
        "  hint: name a file in a folder that is there, may be written to and has room\n",
    )


def damage(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def test_a_store_that_does_not_hold_together_replaces_no_backup(
    cli: Cli, db: Path, copy: Path
) -> None:
    before = copy.read_bytes()
    damage(db, "DELETE FROM pool_usage")
    assert refused(cli, "backup", copy, "--force") == (
        1,
        f"error[store-broken]: the store `{db}` does not hold together: the counts of pool `a` do "
        "not agree with its leases, and 1 more\n"
        f"  hint: see `poolweaver --db {db} check-store`, and mend it first\n",
    )
    assert copy.read_bytes() == before
    assert [one.name for one in copy.parent.iterdir() if one.name.startswith(".")] == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "1m") as folder:
        yield folder


def test_a_backup_that_finds_no_room_leaves_the_old_one(cli: Cli, db: Path, disk: Path) -> None:
    target = disk / "copy.db"
    assert cli("backup", target).code == 0
    before = target.read_bytes()
    fill_up(disk, 40_000)
    code, told = refused(cli, "backup", target, "--force")
    assert code == 1
    assert told == (
        f"error[unwritable-file]: cannot write `{target}`: database or disk is full\n"
        "  hint: name a file in a folder that is there, may be written to and has room\n"
    )
    assert target.read_bytes() == before
    assert sorted(one.name for one in disk.iterdir()) == ["ballast", "copy.db"]


def test_a_store_on_a_disk_that_is_mounted_read_only_can_be_backed_up(
    cli: Cli, disk: Path, tmp_path: Path
) -> None:
    fill(disk / "ipam.db")
    remount(disk, "ro")
    assert cli("--db", disk / "ipam.db", "backup", tmp_path / "copy.db").code == 0
    assert held(tmp_path / "copy.db") == BEFORE


# --- restore

NEXT = "next: `poolweaver reconcile --pods FILE`, for what the backup holds and nobody uses\n"


def kept_files(db: Path) -> list[Path]:
    return sorted(db.parent.glob("ipam.db.before-restore-*"))


def test_what_was_released_since_comes_back_and_the_store_is_kept(
    cli: Cli, db: Path, copy: Path
) -> None:
    with open_store(str(db)) as store:
        release(store, "c1", NOW + 1)
    done = cli("restore", copy)
    (kept,) = kept_files(db)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"{db} is restored from {copy}: {HELD}\nthe store as it was is kept as {kept}\n{NEXT}"
    )
    assert held(db) == BEFORE
    assert held(kept) == {"10.0.0.1": "c0", "10.0.0.3": "c2"}
    assert [stat.S_IMODE(one.stat().st_mode) for one in (db, kept)] == [0o600, 0o600]
    assert [one.name for one in db.parent.iterdir() if one.name.startswith(".")] == []


def test_a_backup_that_does_not_know_who_holds_what_is_refused(
    cli: Cli, db: Path, copy: Path
) -> None:
    with open_store(str(db)) as store:
        for i in range(4):
            claim(store, f"new{i}", "a")
    before = held(db)
    assert refused(cli, "restore", copy) == (
        1,
        f"error[store-would-lose]: the backup `{copy}` does not know who holds 10.0.0.4, 10.0.0.5, "
        "10.0.0.6 and 1 more by now\n"
        "  hint: --force restores it all the same, and reserves what it does not know of\n",
    )
    assert held(db) == before
    assert kept_files(db) == []


def test_a_backup_in_which_somebody_else_holds_an_address_does_not_know_who_holds_it(
    cli: Cli, db: Path, copy: Path
) -> None:
    with open_store(str(db)) as store:
        release(store, "c0", NOW + 1)
        assert claim(store, "new", "a", who=holder("web-9", "u9"), now=NOW + 99) == "10.0.0.1"
    exit_code, told = refused(cli, "restore", copy)
    assert exit_code == 1
    assert told.startswith(
        f"error[store-would-lose]: the backup `{copy}` does not know who holds 10.0.0.1 by now\n"
    )


def test_with_force_nobody_else_gets_what_the_backup_does_not_know(
    cli: Cli, db: Path, copy: Path
) -> None:
    with open_store(str(db)) as store:
        for name, family in (("a", 4), ("a", 4), ("six", 6)):
            claim(
                store, f"new{name}{store.pools.usage([name])[name].allocated}", name, family=family
            )
    done = cli("restore", copy, "--force")
    assert (done.code, done.err) == (0, "")
    names = json.loads(cli("get", "spiderreservedip", "-o", "json").out)["items"]
    four, six = sorted(one["metadata"]["name"] for one in names)
    assert f"reserved by spiderreservedip/{four} and spiderreservedip/{six}: 10.0.0.4, " in done.out
    with open_store(str(db)) as store:
        assert claim(store, "other", "a") == "10.0.0.6"
        assert check(store) == []
    assert cli("ip", "show", "10.0.0.4").out.startswith("10.0.0.4: reserved\n")


def test_revisions_never_come_twice_and_sightings_do_not_come_back(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with open_store(str(db)) as store:
        store.sightings.update([Sighting(4, 0x0A000001, "1", NOW)], [])
    assert cli("backup", copy).code == 0
    with open_store(str(db)) as store:
        claim(store, "new", "a")
        lease = store.leases.by_address(4, 0x0A000004)
    cli("restore", copy, "--force")
    with open_store(str(db)) as store:
        claim(store, "later", "a")
        again = store.leases.by_address(4, 0x0A000005)
        assert lease is not None
        assert again is not None
        assert int(again.revision) > int(lease.revision)
        assert store.sightings.list() == []
        assert check(store) == []


def test_a_restored_store_does_not_say_that_it_knows_what_happened_after_the_backup(
    cli: Cli, db: Path, copy: Path
) -> None:
    with open_store(str(db)) as store:
        claim(store, "new", "a")
        assert address_history(store, "10.0.0.4").during(NOW - 1, NOW).known is False
    began = int(time.time())
    cli("restore", copy, "--force")
    with open_store(str(db)) as store:
        told = address_history(store, "10.0.0.4")
        assert told.known_from is not None
        assert told.known_from >= began
        assert told.during(began - 1, began).known is False


HOLD_OPEN = """
from store.store import open_store
store = open_store(sys.argv[1])
store.pools.names(4)
print("open", flush=True)
sys.stdin.readline()
"""


def test_a_store_that_another_process_has_open_is_refused_without_force(
    cli: Cli, db: Path, copy: Path
) -> None:
    other = start(HOLD_OPEN, db)
    assert other.stdout.readline() == "open\n"
    assert refused(cli, "restore", copy) == (
        1,
        f"error[store-in-use]: the store `{db}` is in use by another process\n"
        "  hint: stop what uses it: the agent, the container runtime; --force does it all the same\n",
    )
    assert cli("restore", copy, "--force").code == 0
    other.stdin.write("done\n")
    finish(other)
    assert cli("restore", copy).code == 0


def test_a_backup_is_restored_where_there_is_no_store(cli: Cli, db: Path, copy: Path) -> None:
    for one in db.parent.iterdir():
        one.unlink()
    db.parent.rmdir()
    done = cli("restore", copy)
    assert (done.code, done.out, done.err) == (
        0,
        f"{db} is restored from {copy}: {HELD}\n{NEXT}",
        "",
    )
    assert held(db) == BEFORE
    assert stat.S_IMODE(db.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(db.stat().st_mode) == 0o600


@pytest.mark.parametrize("keep", [100, 20_000, 90_000])
def test_a_backup_takes_the_place_of_a_damaged_store(
    cli: Cli, db: Path, copy: Path, keep: int
) -> None:
    os.truncate(db, keep)
    done = cli("restore", copy)
    (kept,) = kept_files(db)
    assert done.code == 0
    assert f"the store as it was is kept as {kept}\n" in done.out
    assert kept.stat().st_size == keep
    assert done.err == (
        "warning: the store as it was could not be read. Addresses that were handed out after the "
        "backup may be in use, and others may be given them now: `poolweaver ip reserve` those of "
        "running Pods, or restart all Pods of this node\n"
    )
    assert held(db) == BEFORE


def test_a_backup_of_another_node_is_refused(cli: Cli, db: Path, copy: Path) -> None:
    for path, node in ((db, "node1"), (copy, "node2")):
        with open_store(str(path)) as store:
            store.settings.bind_node(node)
    assert refused(cli, "restore", copy) == (
        1,
        f"error[node-binding]: the backup `{copy}` is of node `node2`, and the store serves `node1`\n"
        "  hint: restore a backup of this node; --force does it all the same\n",
    )
    assert cli("restore", copy, "--force").code == 0


def test_a_backup_of_an_older_schema_is_migrated_on_the_way(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    sample = Path(__file__).parents[1] / "store" / "samples" / "schema-1.db.gz"
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress(sample.read_bytes()))
    before = old.read_bytes()
    assert cli("restore", old, "--force").code == 0
    with open_store(str(db)) as store:
        assert check(store) == []
        assert store.pools.list() != []
    assert old.read_bytes() == before


BAD = [
    ("a text", b"apiVersion: v1\n" * 99, "store-foreign", "`{file}` is not a store of Poolweaver"),
    ("half a database", b"SQLite format 3\0" + b"\0" * 600, "store-damaged", "the store `{file}` is damaged"),
    ("nothing", b"", "store-missing", "there is only an empty file at `{file}`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_a_file_that_is_no_backup_is_refused_and_nothing_changes(
    cli: Cli, db: Path, tmp_path: Path, content: bytes, code: str, message: str
) -> None:
    file = tmp_path / "bad"
    file.write_bytes(content)
    exit_code, told = refused(cli, "restore", file)
    assert exit_code == 1
    assert told.startswith(f"error[{code}]: {message.format(file=file)}\n")
    assert held(db) == BEFORE
    assert sorted(one.name for one in db.parent.iterdir()) == ["ipam.db"]


def test_a_newer_backup_a_broken_one_and_a_missing_one_are_refused(
    cli: Cli, db: Path, copy: Path, tmp_path: Path
) -> None:
    damage(copy, "DELETE FROM pool_usage")
    assert (
        f"the store `{copy}` does not hold together: the counts" in refused(cli, "restore", copy)[1]
    )
    damage(copy, "PRAGMA user_version = 99")
    assert refused(cli, "restore", copy)[1].startswith("error[store-schema]: ")
    assert refused(cli, "restore", tmp_path / "no") == (
        1,
        f"error[unreadable-file]: cannot read `{tmp_path / 'no'}`: it is not there\n"
        "  hint: name a file that `poolweaver backup` wrote\n",
    )
    assert refused(cli, "restore", db)[1].startswith(
        f"error[invalid-argument]: `{db}` is the store"
    )
    assert held(db) == BEFORE


def test_a_store_of_another_program_is_not_replaced(cli: Cli, db: Path, copy: Path) -> None:
    db.write_text("somebody's notes\n" * 99)
    assert refused(cli, "restore", copy)[1].startswith("error[store-foreign]: ")
    assert db.read_text().startswith("somebody")


def test_what_a_claim_writes_while_it_waits_for_a_restore_is_not_lost(
    cli: Cli, db: Path, copy: Path
) -> None:
    """The file stays the same one: a process that opened it before goes on with what is in it."""
    with open_store(str(db)) as waiting:
        assert waiting.pools.names(4) == ["a"]
        inode = db.stat().st_ino
        assert cli("restore", copy, "--force").code == 0
        assert claim(waiting, "late", "a") == "10.0.0.4"
    assert db.stat().st_ino == inode
    assert held(db) == BEFORE | {"10.0.0.4": "late"}


def test_a_backup_without_room_beside_the_store_changes_nothing(
    cli: Cli, disk: Path, tmp_path: Path
) -> None:
    db = disk / "ipam.db"
    fill(db)
    assert cli("--db", db, "backup", tmp_path / "copy.db").code == 0
    fill_up(disk, 40_000)
    code, told = refused(cli, "--db", db, "restore", tmp_path / "copy.db")
    assert code == 1
    assert told == (
        f"error[unwritable-file]: cannot write beside `{db}`: no space left on device\n"
        "  hint: run as the owner of its folder, on a file system with room; nothing was changed\n"
    )
    assert held(db) == BEFORE
