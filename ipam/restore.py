"""RESTORE: a backup in place of the store, without handing out what is in use.

A backup does not know what happened after it. What the store held meanwhile and the backup does not
know of is reserved, so that nobody gets it; what the backup holds and is long gone is found by
`reconcile`. The store as it was is kept beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ipam.apply import apply
from ipam.migrate import migrate
from model.addresses import address_text
from model.errors import (
    ConfigurationError,
    NodeBindingError,
    StoreError,
    StoreMissingError,
    StoreSchemaError,
)
from model.intervals import Interval, union
from policy.resources.spider import API_VERSION
from store.backup import check_copy, copy_database, sync
from store.create import make_folder
from store.database import SCHEMA_NUMBER, connect_file, open_database
from store.drafts import drafted
from store.file_modes import COMPANIONS
from store.in_use import is_in_use
from store.repair import check
from store.restoring import attached, nodes, settle, take_content, unknown_to_other
from store.store import Store, open_store
from store.whole import as_one

MOST_NAMED = 3
# Of these, nothing can be read of the present store that could be trusted.
_DAMAGE = ("file-damaged", "table-differs", "index-damaged", "unreadable")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done.

    `counts` are those of `check-store`. `kept_as` is where the store as it was lies, empty if there
    was none. `reserved_by` names the SpiderReservedIPs of `reserved`, the addresses that were held
    and that the backup does not know of. `blind` says that the store as it was could not be read,
    so that nobody knows what it held.
    """

    counts: dict[str, int]
    kept_as: str = ""
    reserved: Sequence[str] = ()
    reserved_by: Sequence[str] = ()
    blind: bool = False


def restore(path: str, source: str, now_seconds: int, *, force: bool = False) -> Restored:
    """Put the backup `source` in place of the store at `path`.

    Refused, with everything as it was: StoreError `store-foreign`, `store-damaged` or
    `store-broken` and StoreSchemaError for a file that is no whole store of a schema this program
    knows; and unless `force` is set, `store-in-use` while another process has the store open,
    `store-would-lose` where it holds addresses that the backup does not know of, or where the
    backup is of another node. An older schema is migrated on the way.
    """
    _check_source(path, source)
    if is_in_use(path) and not force:
        raise StoreError(
            f"the store `{path}` is in use by another process",
            "stop what uses it: the agent, the container runtime; --force does it all the same",
            code="store-in-use",
        )
    folder = Path(path).absolute().parent
    try:
        make_folder(folder)
        with drafted(folder, f".{Path(path).name}.restore-") as draft:
            counts = _prepare(source, draft)
            present = _open_present(path)
            if present is None:
                return _place(path, draft, counts, now_seconds)
            with present as store, attached(store.database, str(draft)):
                return _replace(store, source, counts, now_seconds, force=force)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(
            f"cannot write beside `{path}`: {reason}",
            "run as the owner of its folder, on a file system with room; nothing was changed",
            code="unwritable-file",
        ) from error


def _check_source(path: str, source: str) -> None:
    if not Path(source).is_file():
        raise ConfigurationError(
            f"cannot read `{source}`: it is {'a folder' if Path(source).is_dir() else 'not there'}",
            "name a file that `poolweaver backup` wrote",
            code="unreadable-file",
        )
    if Path(path).exists() and Path(source).samefile(path):
        raise ConfigurationError(
            f"`{source}` is the store itself", "name a backup", code="invalid-argument"
        )
    try:
        open_database(source, immutable=True).close()
    except StoreSchemaError:
        if _schema_number(source) > SCHEMA_NUMBER:
            raise
    except StoreError as error:
        hint = "name another backup; nothing was changed"
        raise StoreError(error.message, hint, code=error.code) from error


def _schema_number(source: str) -> int:
    database = connect_file(source, immutable=True)
    try:
        ((number,),) = database.rows("PRAGMA user_version")
        return int(number)
    finally:
        database.close()


def _prepare(source: str, draft: Path) -> dict[str, int]:
    """A checked copy of the backup beside the store, of this schema; what is in it."""
    for companion in ("", "-wal"):
        if companion and not Path(source + companion).exists():
            continue
        copy = os.open(f"{draft}{companion}", os.O_CREAT | os.O_WRONLY, 0o600)
        with os.fdopen(copy, "wb") as to, Path(source + companion).open("rb") as original:
            shutil.copyfileobj(original, to)
    migrate(draft)
    return check_copy(str(draft), source).counts


def _open_present(path: str) -> Store | None:
    """The store as it is; None where there is none, or none that can be read with trust."""
    try:
        store = open_store(path)
    except StoreMissingError:
        return None
    except StoreError as error:
        if error.code != "store-damaged":
            raise
        return None
    try:
        if not any(one.what in _DAMAGE for one in check(store)):
            return store
    except BaseException:
        store.close()
        raise
    store.close()
    return None


def _place(path: str, draft: Path, counts: dict[str, int], now_seconds: int) -> Restored:
    """The copy in place of no store, or of a damaged one, whose files are moved aside."""
    database = open_database(str(draft))
    try:
        with database.transaction():
            ((spent,),) = database.rows("SELECT coalesce(max(id), 0) FROM journal")
            settle(database, spent, now_seconds)
    finally:
        database.close()
    kept_as = _move_aside(path, now_seconds)
    draft.replace(path)
    sync(draft.parent)
    return Restored(counts, kept_as, blind=bool(kept_as))


def _move_aside(path: str, now_seconds: int) -> str:
    """Where what is left of a store lies now, empty where nothing is; its own place is free then.

    A `-wal` goes with its store, and alone as well: SQLite would write what it holds into whatever
    file comes to its place. The store goes first, so that a process that is killed here leaves
    none, rather than one that lacks what was written last.
    """
    left = [one for one in COMPANIONS if Path(path + one).exists()]
    if not any(Path(path + one).stat().st_size for one in left if one != "-shm"):
        return ""
    name = _kept_name(path, now_seconds)
    for companion in left:
        Path(path + companion).rename(name + companion)
    return name + left[0]


def _replace(
    store: Store, source: str, counts: dict[str, int], now_seconds: int, *, force: bool
) -> Restored:
    """The content of the attached copy in place of the store's, in one transaction."""
    path = store.database.path
    with as_one(store) as inner:
        unknown = unknown_to_other(inner.database)
        if not force:
            _refuse_loss(store, source, unknown)
        kept_as = _kept_name(path, now_seconds)
        _keep(path, kept_as)
        take_content(inner.database, now_seconds)
        names = _reserve(inner, unknown, now_seconds)
    texts = [address_text(*one) for one in unknown]
    return Restored(counts, kept_as, texts, names)


def _keep(path: str, kept_as: str) -> None:
    """A whole copy of the store as it is, under that name."""
    folder = Path(path).absolute().parent
    with drafted(folder, f".{Path(path).name}.kept-") as draft, open_store(path) as reader:
        copy_database(reader.database, draft, kept_as)
        draft.replace(kept_as)
        sync(folder)


def _refuse_loss(store: Store, source: str, unknown: Sequence[Interval]) -> None:
    here, there = nodes(store.database)
    if here and there and here != there:
        raise NodeBindingError(
            f"the backup `{source}` is of node `{there}`, and the store serves `{here}`",
            "restore a backup of this node; --force does it all the same",
        )
    if unknown:
        named = ", ".join(address_text(*one) for one in unknown[:MOST_NAMED])
        more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
        raise StoreError(
            f"the backup `{source}` does not know who holds {named}{more} by now",
            "--force restores it all the same, and reserves what it does not know of",
            code="store-would-lose",
        )


def _reserve(store: Store, unknown: Sequence[Interval], now_seconds: int) -> list[str]:
    """Reserve these addresses with one SpiderReservedIP a family; their names."""
    names = []
    for family in (4, 6):
        numbers = union((number, number) for own, number in unknown if own == family)
        if not numbers:
            continue
        names.append(f"restored-{_stamp(now_seconds).lower()}-ipv{family}")
        ips = [
            address_text(family, first) + (f"-{address_text(family, last)}" if last > first else "")
            for first, last in numbers
        ]
        manifest = {
            "apiVersion": API_VERSION,
            "kind": "SpiderReservedIP",
            "metadata": {"name": names[-1]},
            "spec": {"ipVersion": family, "ips": ips},
        }
        apply(store, [("restore", json.dumps(manifest).encode())], now_seconds)
    return names


def _kept_name(path: str, now_seconds: int) -> str:
    name = base = f"{path}.before-restore-{_stamp(now_seconds)}"
    count = 1
    while any(Path(name + companion).exists() for companion in COMPANIONS):
        count += 1
        name = f"{base}-{count}"
    return name


def _stamp(now_seconds: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_seconds))
