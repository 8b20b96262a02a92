"""Kept decisions against the journal, whose claims name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_from_bytes, address_text
from store.repair.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "the decisions"
_LOST = (
    "FROM journal WHERE decision_id > 0 AND NOT EXISTS "
    "(SELECT 1 FROM decision WHERE decision.id = decision_id)"
)
_UNREADABLE = "FROM decision WHERE NOT json_valid(evidence)"


def find(database: Database) -> Iterator[Problem]:
    """Decisions that the journal names and nobody has, and those that cannot be read."""
    for address, pool, number in database.rows(f"SELECT address, pool, decision_id {_LOST}"):
        text = address_text(*address_from_bytes(address))
        message = f"the journal says that decision {number} gave `{text}`, and it is not there"
        yield Problem("decision-lost", message, address=text, pool=pool)
    for (number,) in database.rows(f"SELECT id {_UNREADABLE}"):
        yield Problem("decision-unreadable", f"decision {number} cannot be read")


def mend(database: Database) -> None:
    """Forgets decisions that cannot be read, and names none that is not there."""
    database.run(f"DELETE {_UNREADABLE}")
    database.run(f"UPDATE journal SET decision_id = 0 WHERE id IN (SELECT id {_LOST})")
