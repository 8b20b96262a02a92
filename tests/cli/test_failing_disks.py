"""What becomes of a store in every trouble that a disk can have: through the plugin and the command line.

In each trouble the plugin answers with one JSON document and the command line with one error and
its hint; when the trouble is over, everything that was answered before is there, and the store
serves again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from store.repair import check
from store.store import open_store
from tests.cli.conftest import Cli
from tests.ipam.calls import call, environment, finish, make_store, network, pool, start
from tests.store import processes
from tests.store.disks import fill_up, mounted, remount

Undo = Callable[[], None]


class Trouble(NamedTuple):
    """What is done to the store at a path, and what is said then, `{db}` being its path.

    `cni` is the code that ADD answers with. `begin` gives back what ends the trouble.
    """

    name: str
    begin: Callable[[Path], Undo]
    code: str
    cni: int
    message: str
    hint: str


def full(db: Path) -> Undo:
    return fill_up(db.parent).unlink


def read_only(db: Path) -> Undo:
    remount(db.parent, "ro")
    return lambda: remount(db.parent, "rw")


def cut(length: int) -> Callable[[Path], Undo]:
    def begin(db: Path) -> Undo:
        content = db.read_bytes()
        assert len(content) > length
        os.truncate(db, length)
        return lambda: replace(db, content)

    return begin


def replaced(content: bytes) -> Callable[[Path], Undo]:
    def begin(db: Path) -> Undo:
        before = db.read_bytes()
        db.write_bytes(content)
        return lambda: replace(db, before)

    return begin


def replace(db: Path, content: bytes) -> None:
    for companion in ("-wal", "-shm"):
        Path(f"{db}{companion}").unlink(missing_ok=True)
    db.write_bytes(content)


def overwritten(db: Path) -> Undo:
    content = db.read_bytes()
    return replaced(content[:4096] + b"\xff" * (len(content) - 4096))(db)


def another_program(db: Path) -> Undo:
    other = db.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    return replaced(other.read_bytes())(db)


def moved_away(db: Path) -> Undo:
    aside = db.with_name("aside")
    db.rename(aside)
    return lambda: void(aside.rename(db))


def folder_instead(db: Path) -> Undo:
    back = moved_away(db)
    db.mkdir()

    def end() -> None:
        db.rmdir()
        back()

    return end


def in_the_way(companion: str) -> Callable[[Path], Undo]:
    def begin(db: Path) -> Undo:
        folder = Path(f"{db}{companion}")
        folder.mkdir()
        return folder.rmdir

    return begin


def void(_: object) -> None:
    """For lambdas that are called for what they do."""


FREE = "free space on its file system and try again; nothing was changed"
WRITABLE = "run as the owner of the file and its folder, on a file system that is mounted writable"
RESTORE = "`poolweaver restore FILE` puts a backup in its place, and keeps it beside that"
CREATE = (
    "if there was one, mount its disk or `poolweaver restore FILE`; "
    "`poolweaver --db {db} apply -f ...` makes a new one"
)
ANOTHER = "give the path of another file with `--db`; this one was left as it was"
MOVE = "it is no file; see what it is, and move it away"
DAMAGED = ("store-damaged", 5, "the store `{db}` is damaged", RESTORE)
FOREIGN = ("store-foreign", 5, "`{db}` is not a store of Poolweaver", ANOTHER)
TROUBLES = [
    Trouble("a full disk", full, "store-full", 5, "there is no space left for the store `{db}`", FREE),
    Trouble("a disk that is mounted read-only", read_only, "store-read-only", 5, "the store `{db}` may not be written to", WRITABLE),
    Trouble("an empty file", cut(0), "store-missing", 5, "there is only an empty file at `{db}`", CREATE),
    Trouble("seven bytes", cut(7), *DAMAGED),
    Trouble("part of a page", cut(600), *DAMAGED),
    Trouble("a page", cut(4096), *DAMAGED),
    Trouble("half the pages", cut(50_000), *DAMAGED),
    Trouble("overwritten pages", overwritten, *DAMAGED),
    Trouble("a text", replaced(b"kind: Pod\n" * 99), *FOREIGN),
    Trouble("a database of another program", another_program, *FOREIGN),
    Trouble("no file", moved_away, "store-missing", 5, "there is no store at `{db}`", CREATE),
    Trouble("a folder", folder_instead, "store-failed", 5, "the store `{db}` cannot be opened", "see that it is a file, and that it may be read"),
    Trouble("a folder for the log", in_the_way("-wal"), "store-failed", 5, "`{db}-wal` is in the way: the store keeps a file of its own there", MOVE),
    Trouble("a folder for the index of the log", in_the_way("-shm"), "store-failed", 5, "`{db}-shm` is in the way: the store keeps a file of its own there", MOVE),
]  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Path]:
    """A store on a small disk of its own; the plugin gave container c1 10.0.0.1."""
    with mounted(tmp_path / "disk", "1m") as disk:
        path = make_store(disk / "ipam.db", pool("a", "10.0.0.1-10.0.0.99"))
        assert add(path, "c1")[1]["ips"][0]["address"] == "10.0.0.1/16"
        yield path


def add(db: Path, container: str) -> tuple[int, Any, str]:
    return call(environment("ADD", container), config(db))


def config(db: Path) -> dict[str, Any]:
    return network(db, "1.1.0", default_ipv4_ippool=["a"])


def serves_again(db: Path) -> None:
    """What was answered before is there, what was refused is not, and the next call is served."""
    assert add(db, "c1")[1]["ips"][0]["address"] == "10.0.0.1/16"
    assert add(db, "c3")[1]["ips"][0]["address"] == "10.0.0.2/16"
    with open_store(str(db)) as store:
        assert check(store) == []
        held = [lease.attachment.container_id for lease in store.leases.by_pool("a")]
        assert held == ["c1", "c3"]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_a_trouble_is_told_and_loses_nothing(cli: Cli, db: Path, trouble: Trouble) -> None:
    message, hint = trouble.message.format(db=db), trouble.hint.format(db=db)
    end = trouble.begin(db)
    try:
        code, answer, log = add(db, "c2")
        assert (code, answer) == (
            1,
            {"cniVersion": "1.1.0", "code": trouble.cni, "msg": message, "details": hint},
        )
        assert f"ADD: {trouble.code}: {message}" in log
        assert "Traceback" not in log
        done = cli("--db", db, "ip", "reserve", "10.0.0.9")
        told = f"error[{trouble.code}]: {message}\n  hint: {hint}\n"
        assert (done.code, done.out, done.err) == (1, "", told)
    finally:
        end()
    serves_again(db)


@pytest.mark.parametrize("trouble", TROUBLES[:2], ids=lambda trouble: trouble.name)
def test_a_store_that_cannot_be_written_to_is_still_checked_and_backed_up(
    cli: Cli, db: Path, tmp_path: Path, trouble: Trouble
) -> None:
    end = trouble.begin(db)
    try:
        assert cli("--db", db, "check-store").code == 0
        assert cli("--db", db, "backup", tmp_path / "copy.db").code == 0
    finally:
        end()
    serves_again(tmp_path / "copy.db")
    serves_again(db)


@pytest.mark.parametrize(
    "trouble",
    [t for t in TROUBLES if t.code in ("store-damaged", "store-missing")],
    ids=lambda trouble: trouble.name,
)
def test_a_backup_helps_where_the_file_is_gone(
    cli: Cli, db: Path, tmp_path: Path, trouble: Trouble
) -> None:
    assert cli("--db", db, "backup", tmp_path / "copy.db").code == 0
    trouble.begin(db)
    assert cli("--db", db, "restore", tmp_path / "copy.db").code == 0
    serves_again(db)


HOLD_THE_LOCK = """
import sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_lock_that_another_process_keeps_is_busy_and_loses_nothing(cli: Cli, db: Path) -> None:
    other = processes.start(HOLD_THE_LOCK, db)
    assert other.stdout.readline() == "locked\n"
    waiting = start(environment("ADD", "c2"))  # both wait as long as is allowed, at one time
    assert waiting.stdin is not None
    waiting.stdin.write(json.dumps(config(db)))
    waiting.stdin.flush()
    done = cli("--db", db, "ip", "reserve", "10.0.0.9")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        f"error[store-busy]: the store `{db}` is busy: another process writes to it\n"
        "  hint: try again; nothing was changed\n",
    )
    code, answer, _ = finish(waiting, "")
    assert (code, answer["code"]) == (1, 11)
    other.stdin.write("done\n")
    processes.finish(other)
    serves_again(db)


def test_a_write_that_finds_no_room_while_others_have_the_store_open(cli: Cli, db: Path) -> None:
    """The log and its index are there already, so that only the write itself fails."""
    with open_store(str(db)) as reader:
        assert reader.pools.names(4) == ["a"]
        ballast = fill_up(db.parent)
        code, answer, _ = add(db, "c2")
        assert (code, answer["code"]) == (1, 5)
        assert answer["msg"] == f"there is no space left for the store `{db}`"
        assert call(environment("DEL", "c1"), config(db))[1]["code"] == 5
        assert len(reader.leases.by_pool("a")) == 1
        ballast.unlink()
    serves_again(db)


def as_nobody(db: Path) -> Any:
    """ADD as a user who owns nothing; imports come first, since an interpreter may lie anywhere."""
    code = (
        "import os, sys; from ipam.plugin import main; import ipam.allocate, store.failures, "
        "store.claim, store.leases, ipam.cni, ipam.cni_config, model.errors; "
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); sys.exit(main())"
    )
    return finish(start(environment("ADD", "c2"), code), json.dumps(config(db)))


@pytest.mark.parametrize(
    ("file", "folder", "part"), [(0o444, 0o777, ""), (0o666, 0o555, ""), (0o666, 0o777, "-wal")]
)
def test_a_user_who_may_not_write_is_told_what(db: Path, file: int, folder: int, part: str) -> None:
    for one in db.parents:
        if one == Path("/tmp"):
            break
        one.chmod(0o755)
    with open_store(str(db)) as holder:
        assert holder.pools.names(4) == ["a"]
        for companion in ("", "-wal", "-shm"):
            Path(f"{db}{companion}").chmod(0o444 if companion == part and part else file)
        if not part:
            for companion in ("-wal", "-shm"):
                Path(f"{db}{companion}").chmod(0o666)
        db.parent.chmod(folder)
        if folder == 0o555:
            holder.close()  # so that the companions must be made anew
        code, answer, log = as_nobody(db)
    assert "Traceback" not in log
    assert (code, answer["code"]) == (1, 5)
    assert answer["msg"] == f"the store `{db}{part}` may not be written to"
    assert answer["details"] == WRITABLE
    db.parent.chmod(0o700)
    for one in (db, Path(f"{db}-wal"), Path(f"{db}-shm")):
        if one.exists():
            one.chmod(0o600)
    serves_again(db)


def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    """Files of a store and of a backup, while it is in use, made by processes of a lax umask."""
    db = tmp_path / "made" / "ipam.db"
    script = (
        "umask 0; "
        'echo "$MANIFEST" | $PYTHON -m cli.main --db $DB apply -f - && '
        "$PYTHON -m cli.main --db $DB backup $DB.copy"
    )
    manifest = pool("a", "10.0.0.1-10.0.0.99")
    root = Path(__file__).resolve().parents[2]
    variables = {"PYTHON": sys.executable, "DB": str(db), "MANIFEST": manifest}
    subprocess.run(["sh", "-c", script], check=True, cwd=root, env={**os.environ, **variables})
    with open_store(str(db)) as holder:
        assert holder.pools.names(4) == ["a"]
        assert add(db, "c1")[0] == 0
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in db.parent.iterdir()}
    assert modes == dict.fromkeys(("ipam.db", "ipam.db-wal", "ipam.db-shm", "ipam.db.copy"), 0o600)
    assert stat.S_IMODE(db.parent.stat().st_mode) == 0o700
