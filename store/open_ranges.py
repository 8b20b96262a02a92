"""The claimable ranges of pools as rows, each marked open while one of its addresses is free.

    pool a    10.0.0.1-10.0.0.4   not open    |########|
              10.0.0.6-10.0.0.9   open        |####.##.|   <- a claim looks here, and here alone

A pool may be cut into thousands of ranges by what it excludes and what is reserved; the first open
one is found in the index of those that are open, so that no claim reads the others.

Invariant: a row is open exactly when the bitmap has a zero in it.
"""

from __future__ import annotations

from model.addresses import address_bytes, address_from_bytes
from store.bits import lowest_zero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.intervals import Intervals
    from store.bitmap import Bitmap
    from store.database import Database, Row

FIRST_OPEN = (
    "SELECT first, last FROM claimable_range INDEXED BY claimable_open "
    "WHERE pool = ? AND is_open ORDER BY first LIMIT 1"
)
STARTING_BEFORE = (
    "SELECT first, last, is_open FROM claimable_range "
    "WHERE pool = ? AND first <= ? ORDER BY first DESC LIMIT 1"
)
MARK = "UPDATE claimable_range SET is_open = ? WHERE pool = ? AND first = ?"


def lowest_free(database: Database, bitmap: Bitmap, pool: str) -> int | None:
    """The lowest claimable address of a pool that is not in the bitmap.

    None if there is none, and for a pool that does not exist or is of another family.
    """
    row = database.row(FIRST_OPEN, (pool,))
    if row is None or address_from_bytes(row[0])[0] != bitmap.family:
        return None
    return lowest_zero(bitmap.read, _number(row[0]), _number(row[1]))


def is_claimable(database: Database, pool: str, family: int, number: int) -> bool:
    """Whether an address is in one of the pool's ranges, held or not."""
    return _around(database, pool, family, number) is not None


def took(database: Database, bitmap: Bitmap, pool: str, family: int, number: int) -> None:
    """Closes the range of an address just taken if that was its last free one."""
    row = _around(database, pool, family, number)
    if row and row[2] and lowest_zero(bitmap.read, _number(row[0]), _number(row[1])) is None:
        database.run(MARK, (0, pool, row[0]))


def freed(database: Database, pool: str, family: int, number: int) -> None:
    """Opens the range of an address just freed; a no-op for a reserved address, in no range."""
    row = _around(database, pool, family, number)
    if row and not row[2]:
        database.run(MARK, (1, pool, row[0]))


def replace(database: Database, bitmap: Bitmap, pool: str, claimable: Intervals) -> None:
    """Writes all ranges of a pool anew, marked as the bitmap has it."""
    database.run("DELETE FROM claimable_range WHERE pool = ?", (pool,))
    database.run_many(
        "INSERT INTO claimable_range VALUES (?, ?, ?, ?)",
        [
            (
                pool,
                address_bytes(bitmap.family, first),
                address_bytes(bitmap.family, last),
                lowest_zero(bitmap.read, first, last) is not None,
            )
            for first, last in claimable
        ],
    )


def _around(database: Database, pool: str, family: int, number: int) -> Row | None:
    """(first, last, whether it is open) of the range that an address is in."""
    address = address_bytes(family, number)
    row = database.row(STARTING_BEFORE, (pool, address))
    return row if row and len(row[1]) == len(address) and row[1] >= address else None


def _number(address: bytes) -> int:
    return address_from_bytes(address)[1]
