"""The file: its pages, and that its indexes hold what its tables hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from store.repair.problems import RESTORE, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "the file"
# What SQLite says of an index that can be written anew from its table.
_INDEX_ALONE = re.compile(r"(?:row \d+ missing from|wrong # of entries in) index (\w+)")


def find(database: Database) -> Iterator[Problem]:
    """Damaged pages, and indexes that are not those of their tables, at most a hundred."""
    indexes = set()
    for (text,) in database.rows("PRAGMA integrity_check"):
        for line in text.splitlines():
            index = _INDEX_ALONE.fullmatch(line)
            if index:
                indexes.add(index[1])
            elif line not in ("ok", "*** in database main ***"):
                yield Problem("file-damaged", f"the file is damaged: {line}", RESTORE)
    for name in sorted(indexes):
        yield Problem("index-damaged", f"the index `{name}` is not that of its table")


def mend(database: Database) -> None:
    """Writes the wrong indexes anew from their tables."""
    for problem in list(find(database)):
        if problem.what == "index-damaged":
            database.run(f"REINDEX {problem.message.split('`')[1]}")
