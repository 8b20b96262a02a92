"""The anchor rows, against where each pool is filed.

What the alternatives of a pool should be, only policy knows; that they fit its rules is not checked
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.pool_anchors import ADD, read_alternatives, stored_rows
from store.repair.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database
    from store.pool_anchors import AnchorRow

TITLE = "the anchors"
_FILED = (
    "SELECT family, name, sort, alternatives, anchored, "
    "is_default AND NOT disabled AND NOT terminating FROM pool ORDER BY name"
)


def find(database: Database) -> Iterator[Problem]:
    """Pools whose anchor rows are not those of their place, and rows of no pool."""
    there: dict[str, set[AnchorRow]] = {}
    for row in database.rows("SELECT family, subject, key, value, sort, pool FROM anchor"):
        there.setdefault(row[5], set()).add(row)
    for pool in database.rows(_FILED):
        name, anchored = pool[1], pool[4]
        rows = there.pop(name, set())
        if anchored != _place(*pool):
            message = f"pool `{name}` is not filed under a requirement of its rules"
            yield Problem("anchors", message, pool=name)
        elif rows != set(stored_rows(*pool[:5])):
            message = f"the anchors of pool `{name}` are not those that it is filed under"
            yield Problem("anchors", message, pool=name)
    for name in sorted(there):
        yield Problem("anchors", f"there are anchors of `{name}`, which is no pool", pool=name)


def mend(database: Database) -> None:
    """Files every pool where it should be, and writes all rows anew."""
    pools = [(*pool[:4], _place(*pool)) for pool in database.rows(_FILED)]
    database.run("DELETE FROM anchor")
    database.run_many(ADD, [row for pool in pools for row in stored_rows(*pool)])
    database.run_many(
        "UPDATE pool SET anchored = ?1 WHERE name = ?2 AND anchored IS NOT ?1",
        [(pool[4], pool[1]) for pool in pools],
    )


def _place(
    _family: int, _name: str, _sort: bytes, alternatives: str, anchored: int | None, serves: bool
) -> int | None:
    """Where a pool may be filed: where it is, if that is an alternative it has; None: nowhere."""
    places = range(len(read_alternatives(alternatives))) if serves else range(0)
    return anchored if anchored in places else next(iter(places), None)
