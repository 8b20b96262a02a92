"""All rooms, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from model.errors import StoreBusyError, StoreError
from store.repair import (
    anchors,
    bitmap,
    counts,
    decisions,
    file,
    interfaces,
    journal,
    leases,
    notes,
    pruning,
    ranges,
    reserved,
    revisions,
    rules,
    tables,
)
from store.repair.problems import REBUILD, RESTORE, Problem

if TYPE_CHECKING:
    from store.database import Database
    from store.store import Store

    Tell = Callable[[str, int, int], None]  # title, how many rooms are done, of how many

_ROOMS = (
    file,
    tables,
    bitmap,
    counts,
    leases,
    interfaces,
    reserved,
    ranges,
    journal,
    revisions,
    pruning,
    rules,
    decisions,
    anchors,
    notes,
)
# What is derived from what is derived comes later.
_MENDERS = (
    file,
    tables,
    reserved,
    ranges,
    bitmap,
    counts,
    revisions,
    pruning,
    rules,
    anchors,
    decisions,
    notes,
)
# What no room can mend, and what leaves no ground to mend anything else on.
_HOPELESS = ("file-damaged", "table-differs")
_TABLES = ("pool", "lease", "journal", "object", "sighting")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong, in the order of rooms, and what there is.

    `counts` has the number of rows by `pool`, `lease`, `bound`, `kept`, `resting`, `journal`,
    `object` and `sighting`; it is empty where the file is too damaged to count.
    """

    problems: Sequence[Problem]
    counts: dict[str, int]


def check(store: Store) -> list[Problem]:
    """What is wrong with the store; empty for a whole one. Reads one moment, writes nothing."""
    return list(examine(store).problems)


def examine(store: Store, tell: Tell | None = None) -> Checked:
    """What is wrong, and how much there is, all of one moment; `tell` hears of each room.

    Others go on writing. StoreError as for any reading where the file cannot be read at all.
    """
    database = store.database
    problems: list[Problem] = []
    counts: dict[str, int] = {}
    try:
        with database.snapshot():
            problems += _find(database, tell or _silent)
            counts |= _counts(database, problems)
    except StoreError:  # SQLite may refuse even to end the reading of a damaged file
        if not any(one.what == "file-damaged" for one in problems):
            raise
    return Checked(problems, counts)


def rebuild(store: Store, tell: Tell | None = None) -> list[Problem]:
    """Write anew what is derived and wrong, in one transaction; gives what was wrong of that.

    A no-op for a store in which nothing derived is wrong. What is not derived stays as it is, and
    so does everything where the file itself is damaged. Other writers wait while it writes.
    """
    tell = tell or _silent
    wrong = _rebuildable(examine(store, tell).problems)
    left: list[Problem] = []
    if wrong:
        with store.database.transaction():
            for done, room in enumerate(_MENDERS):
                tell(room.TITLE, done, len(_MENDERS))
                found = list(_found(room, store.database))
                wrong += [one for one in _rebuildable(found) if one not in wrong]
                left += _mend(room, store.database, found)
                if any(one.what in _HOPELESS for one in left):
                    return []
    return [one for one in wrong if one not in left]


def _mend(room: ModuleType, database: Database, found: list[Problem]) -> list[Problem]:
    """What is left of what a room found, once it mended what it can."""
    if not _rebuildable(found) or any(one.what == "unreadable" for one in found):
        return found
    room.mend(database)
    return list(_found(room, database))


def _rebuildable(problems: Sequence[Problem]) -> list[Problem]:
    return [one for one in problems if one.remedy == REBUILD]


def _find(database: Database, tell: Tell) -> list[Problem]:
    problems: list[Problem] = []
    for done, room in enumerate(_ROOMS):
        tell(room.TITLE, done, len(_ROOMS))
        problems += _found(room, database)
        if any(one.what in (*_HOPELESS, "index-damaged") for one in problems):
            break  # nothing that is read can be believed
    return problems


def _found(room: ModuleType, database: Database) -> Iterator[Problem]:
    """What one room finds; values that it cannot even read are a problem, not a failure."""
    try:
        yield from room.find(database)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError):
        message = f"something that the check of {room.TITLE} reads is not of the form it should be"
        yield Problem("unreadable", message, RESTORE)
    except StoreBusyError:
        raise
    except StoreError as error:
        if error.code != "store-damaged":
            raise
        yield Problem("file-damaged", error.message, RESTORE)


def _counts(database: Database, problems: Sequence[Problem]) -> dict[str, int]:
    if any(one.what in _HOPELESS for one in problems):
        return {}
    found = {name: database.rows(f"SELECT count(*) FROM {name}")[0][0] for name in _TABLES}
    states = {"bound": 0, "kept": 0, "resting": 0}
    states.update(database.rows("SELECT state, count(*) FROM lease GROUP BY state"))
    return found | states


def _silent(title: str, done: int, total: int) -> None:
    """Nobody listens."""
