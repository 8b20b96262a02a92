"""Leases together: one address an attachment and family, and all families of it or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_from_bytes, address_text
from store.repair.problems import RELEASE, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "the interfaces"
_TWICE = (
    "SELECT address, pool, container_id, ifname, family FROM lease NOT INDEXED JOIN ("
    "SELECT container_id AS c, ifname AS i, network AS w, node AS n, family AS f FROM lease "
    "NOT INDEXED WHERE state = 'bound' GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1) "
    "ON c = container_id AND i = ifname AND w = network AND n = node AND f = family "
    "WHERE state = 'bound' ORDER BY family, address"
)
# A claim ends whole: bound leases are there for all of its families, or for none.
_IN_PART = (
    "SELECT address, pool, container_id, ifname, family FROM lease JOIN ("
    "SELECT claim AS c FROM lease WHERE state = 'bound' GROUP BY claim "
    "HAVING count(*) <> max(family_count) OR count(DISTINCT container_id || '/' || ifname) > 1) "
    "ON c = claim WHERE state = 'bound' ORDER BY family, address"
)


def find(database: Database) -> Iterator[Problem]:
    """Attachments with two addresses of a family, and those with some of their families."""
    for address, pool, container, ifname, family in database.rows(_TWICE):
        text = address_text(*address_from_bytes(address))
        message = (
            f"container `{container}`, interface {ifname} holds more than one IPv{family} "
            f"address; one of them is `{text}`"
        )
        yield Problem("interface-twice", message, RELEASE, text, pool)
    for address, pool, container, ifname, _ in database.rows(_IN_PART):
        text = address_text(*address_from_bytes(address))
        message = (
            f"container `{container}`, interface {ifname} holds `{text}` without the other family "
            "that it was answered with"
        )
        yield Problem("interface-in-part", message, RELEASE, text, pool)
