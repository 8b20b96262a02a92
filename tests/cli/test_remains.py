"""What is left beside a store by a deletion, a kill or a full disk: it never gets into a store."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.create import create_store
from store.drafts import drafted
from store.repair import check
from store.store import open_store
from tests.cli.conftest import Cli
from tests.store.build import claim, holder, pool, write
from tests.store.disks import fill_up, mounted, remount
from tests.store.processes import start

POOL = """
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: p}
spec: {subnet: 10.1.2.0/24, ips: [10.1.2.1-10.1.2.9]}
"""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return fill(tmp_path / "state" / "ipam.db")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk") as folder:
        yield folder


def fill(path: Path) -> Path:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1-10.0.0.99"))
        for i in range(3):
            claim(store, f"c{i}", "a", who=holder(f"web-{i}", f"u{i}"))
    return path


def held(path: Path) -> list[str]:
    with open_store(str(path)) as store:
        assert check(store) == []
        return [one.answer.address for one in store.leases.by_pool("a")]


BEFORE = ["10.0.0.1/8", "10.0.0.2/8", "10.0.0.3/8"]


def lose(db: Path) -> Path:
    """Deletes the store as people do, and leaves its `-wal`, which holds a claim."""
    wal = Path(f"{db}-wal")
    with open_store(str(db)) as store:
        claim(store, "late", "a")
        last_words = wal.read_bytes()
    db.unlink()
    wal.write_bytes(last_words)
    return wal


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_the_log_of_a_deleted_store_is_not_written_into_a_restored_one(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    assert cli("backup", copy).code == 0
    last_words = lose(db).read_bytes()
    done = cli("restore", copy)
    (kept,) = (one for one in db.parent.iterdir() if "before-restore" in one.name)
    assert done.code == 0
    assert f"the store as it was is kept as {kept}\n" in done.out
    assert done.err.startswith("warning: the store as it was could not be read. ")
    assert (kept.name[-4:], kept.read_bytes()) == ("-wal", last_words)
    assert held(db) == BEFORE


def test_no_new_store_is_made_over_the_log_of_a_deleted_one(cli: Cli, db: Path) -> None:
    wal = lose(db)
    last_words = wal.read_bytes()
    done = cli("apply", "-f", "-", stdin=POOL)
    assert (done.code, done.out, done.err) == (
        1,
        "",
        f"error[store-missing]: the store `{db}` is gone, but `{wal}` of it is there\n"
        "  hint: put the store back in its place, or run `poolweaver restore` with a backup; to "
        "begin with none, move the -wal away\n",
    )
    assert (names(db.parent), wal.read_bytes()) == (["ipam.db-wal"], last_words)


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
@pytest.mark.parametrize("command", [["export"], ["backup", "--force"]], ids=["export", "backup"])
def test_neither_an_export_nor_a_backup_takes_the_place_of_the_store(
    cli: Cli, db: Path, command: list[str], ending: str
) -> None:
    target = f"{db}{ending}"
    done = cli(*command, target)
    what = "a file of the store" if ending else "the store itself"
    assert (done.code, done.out, done.err) == (
        1,
        "",
        f"error[invalid-argument]: `{target}` is {what}\n  hint: name another file\n",
    )
    assert held(db) == BEFORE


def test_an_export_to_a_folder_says_so(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli("export", ".")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "error[invalid-argument]: `.` is a folder\n  hint: name a file in it\n",
    )


HOLD = """
from pathlib import Path
from store.drafts import drafted
with drafted(Path(sys.argv[1]), sys.argv[2]) as draft:
    draft.write_text("half a copy")
    Path(f"{draft}-wal").touch()
    print(draft.name, flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize(
    ("command", "prefix"),
    [
        ("backup", ".poolweaver-backup-"),
        ("export", ".poolweaver-export-"),
        ("restore", ".ipam.db.restore-"),
        ("restore", ".ipam.db.kept-"),
    ],
)
def test_the_next_run_removes_what_a_killed_one_left_and_nothing_of_a_living_one(
    cli: Cli, db: Path, tmp_path: Path, command: str, prefix: str
) -> None:
    copy = tmp_path / "copy.db"
    assert cli("backup", copy).code == 0
    killed, living = (start(HOLD, db.parent, prefix) for _ in range(2))
    dead, alive = (one.stdout.readline().strip() for one in (killed, living))
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert {dead, alive} <= set(names(db.parent))
    done = cli(command, copy if command == "restore" else db.parent / "written")
    left = set(names(db.parent))
    living.communicate("\n")
    assert done.code == 0
    assert not {dead, f"{dead}-wal"} & left
    assert {alive, f"{alive}-wal"} <= left
    assert not any(one.startswith(prefix) for one in names(db.parent))


@pytest.mark.parametrize("command", ["backup", "export"])
def test_what_was_written_is_on_the_disk_and_so_is_its_name(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    synced: list[tuple[int, int]] = []

    def fsync(descriptor: int) -> None:
        state = os.fstat(descriptor)
        synced.append((state.st_ino, state.st_size))

    monkeypatch.setattr(os, "fsync", fsync)
    file = tmp_path / "written"
    assert cli(command, file).code == 0
    state = file.stat()
    assert (state.st_ino, state.st_size) in synced
    assert tmp_path.stat().st_ino in [inode for inode, _ in synced]


def test_a_draft_is_private_and_goes_unless_it_was_moved(tmp_path: Path) -> None:
    with drafted(tmp_path, ".x-") as draft:
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    assert names(tmp_path) == []
    with drafted(tmp_path, ".x-") as draft:
        draft.replace(tmp_path / "done")
    assert names(tmp_path) == ["done"]


def test_a_store_that_there_is_no_room_to_keep_is_not_kept_by_half(
    cli: Cli, disk: Path, tmp_path: Path
) -> None:
    db = fill(disk / "ipam.db")
    copy = tmp_path / "copy.db"
    assert cli("--db", db, "backup", copy).code == 0
    ballast = fill_up(disk, copy.stat().st_size + 150_000)
    done = cli("--db", db, "restore", copy)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error[unwritable-file]: cannot write `")
    assert names(disk) == [ballast.name, "ipam.db"]
    ballast.unlink()
    assert held(db) == BEFORE


def test_nothing_is_written_to_a_disk_that_is_mounted_read_only_and_the_error_says_so(
    cli: Cli, db: Path, disk: Path, tmp_path: Path
) -> None:
    copy, there = tmp_path / "copy.db", fill(disk / "ipam.db")
    assert cli("backup", copy).code == 0
    remount(disk, "ro")
    for command in (
        ["backup", disk / "b"],
        ["export", disk / "b"],
        ["--db", there, "restore", copy],
    ):
        done = cli(*command)
        at = f"beside `{there}`" if "restore" in command else f"`{disk / 'b'}`"
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(
            f"error[unwritable-file]: cannot write {at}: read-only file system\n  hint: "
        )


@pytest.mark.parametrize("trouble", ["read-only", "full"])
def test_who_held_what_can_be_read_on_a_disk_that_cannot_be_written_to(
    cli: Cli, disk: Path, tmp_path: Path, trouble: str
) -> None:
    db, file = fill(disk / "ipam.db"), tmp_path / "e.jsonl"
    if trouble == "full":
        fill_up(disk)
    else:
        remount(disk, "ro")
    told = cli("--db", db, "history", "10.0.0.2")
    assert (told.code, "shop/web-1" in told.out, told.err) == (0, True, "")
    shown = cli("--db", db, "ip", "show", "10.0.0.2")
    assert (shown.code, shown.out.splitlines()[0], shown.err) == (0, "10.0.0.2: bound", "")
    assert cli("--db", db, "export", "--journal", file).code == 0
    assert file.read_text(encoding="utf-8").count('{"lease": ') == 3
