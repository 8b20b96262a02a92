"""Reserved addresses: the union of all SpiderReservedIP objects, and the leases it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_bytes, address_from_bytes, address_text
from model.intervals import contains
from store.repair.problems import Problem
from store.reserved import reserved_by_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.intervals import Intervals
    from store.database import Database

TITLE = "the reserved addresses"


def find(database: Database) -> Iterator[Problem]:
    """A union that is not that of the objects, and leases that are marked wrongly."""
    for family in (4, 6):
        if _stored(database, family) != reserved_by_objects(database, family):
            yield Problem(
                "reserved",
                f"the reserved addresses of IPv{family} are not those of the SpiderReservedIPs",
            )
    for text, pool, _ in _mismarked(database):
        message = f"the lease of `{text}` is wrong about whether the address is reserved"
        yield Problem("lease-reserved", message, address=text, pool=pool)


def mend(database: Database) -> None:
    """Writes the union anew, and the marks of leases that are wrong."""
    database.run("DELETE FROM reserved_range")
    for family in (4, 6):
        database.run_many(
            "INSERT INTO reserved_range (family, first, last) VALUES (?, ?, ?)",
            [
                (family, address_bytes(family, first), address_bytes(family, last))
                for first, last in reserved_by_objects(database, family)
            ],
        )
    database.run_many(
        "UPDATE lease SET reserved = NOT reserved WHERE address = ?",
        [(address,) for _, _, address in list(_mismarked(database))],
    )


def _stored(database: Database, family: int) -> Intervals:
    query = "SELECT first, last FROM reserved_range WHERE family = ? ORDER BY first"
    return tuple(
        (address_from_bytes(first)[1], address_from_bytes(last)[1])
        for first, last in database.rows(query, (family,))
    )


def _mismarked(database: Database) -> Iterator[tuple[str, str, bytes]]:
    reserved = {family: reserved_by_objects(database, family) for family in (4, 6)}
    query = "SELECT address, pool, reserved FROM lease ORDER BY family, address"
    for address, pool, marked in database.rows(query):
        family, number = address_from_bytes(address)
        if bool(marked) != contains(reserved[family], number):
            yield address_text(family, number), pool, address
