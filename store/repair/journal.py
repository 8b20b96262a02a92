"""The journal against the leases: its newest word on an address is the present state of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_from_bytes, address_text
from model.leases import BOUND, KEPT, RESTING
from store.repair.problems import NEXT_CHANGE, RELEASE, RESERVE, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "the journal"
# What brings a lease into its state.
_EVENTS = {BOUND: ("claimed", "taken-over"), KEPT: ("kept",), RESTING: ("released",)}
_TOLD = (
    "SELECT lease.address, lease.pool, state, event, lease.container_id, journal.container_id "
    "FROM lease LEFT JOIN journal ON journal.id = lease.revision "
    "AND journal.address = lease.address ORDER BY lease.family, lease.address"
)
_NEWER = (
    "SELECT address, pool FROM lease WHERE EXISTS (SELECT 1 FROM journal WHERE journal.family = "
    "lease.family AND journal.address = lease.address AND journal.id > lease.revision) "
    "ORDER BY family, address"
)
# Of each address its newest row; SQLite gives the other columns of the row with the maximum
# (sqlite.org/lang_select.html, "Bare columns in an aggregate query").
_LOST = (
    "SELECT address, pool, pod_namespace, pod_name, container_id FROM (SELECT family, address, "
    "pool, event, pod_namespace, pod_name, container_id, max(id) FROM journal "
    "GROUP BY family, address) AS newest WHERE event IN ('claimed', 'taken-over', 'kept') AND NOT "
    "EXISTS (SELECT 1 FROM lease WHERE lease.family = newest.family "
    "AND lease.address = newest.address) ORDER BY family, address"
)


def find(database: Database) -> Iterator[Problem]:
    """Leases that the journal does not tell of or knows more of, and those that it alone knows."""
    for address, pool, state, event, holder, told in database.rows(_TOLD):
        if event not in _EVENTS.get(state, ()) or holder != told:
            text = address_text(*address_from_bytes(address))
            message = f"the journal does not tell of the lease of `{text}`"
            yield Problem("journal-silent", message, NEXT_CHANGE, text, pool)
    for address, pool in database.rows(_NEWER):
        text = address_text(*address_from_bytes(address))
        message = f"the journal knows more of `{text}` than its lease"
        yield Problem("journal-ahead", message, RELEASE, text, pool)
    for address, pool, namespace, pod, container in database.rows(_LOST):
        text = address_text(*address_from_bytes(address))
        holder = f"pod {namespace}/{pod}" if pod else f"container {container}"
        message = f"the journal says that {holder} holds `{text}`, but there is no lease of it"
        yield Problem("lease-lost", message, RESERVE, text, pool)
