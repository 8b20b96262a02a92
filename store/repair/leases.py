"""Each lease by itself: in its pool, in a state there is, with an answer of its own address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_from_bytes, address_text
from model.fast_json import loads
from model.intervals import contains
from model.leases import BOUND, KEPT, RESTING
from store.ranges import unpack
from store.repair.problems import RELEASE, RESTORE, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "the leases"
_STATES = (BOUND, KEPT, RESTING)


def find(database: Database) -> Iterator[Problem]:
    """Leases outside their pool, in no known state, or whose answer is another address."""
    pools = {
        row[0]: (row[1], unpack(row[2]))
        for row in database.rows("SELECT name, family, ranges FROM pool")
    }
    query = "SELECT address, family, pool, state, answer FROM lease ORDER BY family, address"
    for address, family, pool, state, answer in database.rows(query):
        address_family, number = address_from_bytes(address)
        text = address_text(address_family, number)
        pool_family, ranges = pools.get(pool, (0, ()))
        if not address_family == family == pool_family or not contains(ranges, number):
            message = f"`{text}` is held, but is no address of its pool `{pool}`"
            yield Problem("lease-outside-pool", message, RELEASE, text, pool)
        if state not in _STATES:
            message = f"the lease of `{text}` is in the state `{state}`, which does not exist"
            yield Problem("lease-state", message, RESTORE, text, pool)
        if _answered(answer) != text:
            message = f"the lease of `{text}` answers with another address, or with none"
            yield Problem("lease-answer", message, RELEASE, text, pool)


def _answered(answer: str) -> str:
    """The address of a stored answer, without its prefix length; empty if it cannot be read."""
    try:
        return str(loads(answer)["address"]).partition("/")[0]
    except (ValueError, KeyError, TypeError):
        return ""
