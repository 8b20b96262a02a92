"""Pools between rows of the tables and records: the reading half, which a CNI call needs."""

from __future__ import annotations

from model.fast_json import loads
from model.pools import ServingPool
from model.rules import PoolRules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.pools import DefaultPool
    from model.spans import Span
    from store.database import Row

SERVING_COLUMNS = (
    "pool.name, pool.family, body, priority, is_default, disabled, terminating, pool.digest, "
    "subnet_first, prefix_bits, gateway, routes"
)
SERVING = f"SELECT {SERVING_COLUMNS} FROM pool WHERE name = ?"
SERVING_DEFAULT = (
    f"SELECT {SERVING_COLUMNS} FROM pool INDEXED BY pool_by_default WHERE family = ? AND is_default"
)
DEFAULT_CHECKS = (
    "SELECT name, sort, body, disabled, terminating "
    "FROM pool INDEXED BY pool_by_default WHERE family = ? AND is_default"
)
ANY_DEFAULT = (
    "SELECT 1 FROM pool INDEXED BY pool_by_default WHERE family = ? AND is_default LIMIT 1"
)
# Postings, best rank first: of one anchor, and of a subject with all its keys and values (where a
# pool stands once, though it be filed under several).
POSTINGS = (
    "SELECT sort, pool FROM anchor WHERE family = ? AND subject = ? AND key = ? AND value = ? "
    "AND sort > ? ORDER BY sort LIMIT ?"
)
POSTINGS_OF_SUBJECT = (
    "SELECT sort, pool FROM anchor INDEXED BY anchor_by_subject "
    "WHERE family = ? AND subject = ? AND sort > ? GROUP BY sort ORDER BY sort LIMIT ?"
)
# The same without pools of which nothing could be claimed now.
POSTINGS_WITH_ROOM = (
    "SELECT anchor.sort, anchor.pool FROM anchor CROSS JOIN pool ON pool.name = anchor.pool "
    "CROSS JOIN pool_usage ON pool_usage.pool = anchor.pool "
    "WHERE anchor.family = ? AND subject = ? AND key = ? AND value = ? AND anchor.sort > ? "
    "AND claimable_total <> CAST(allocated - allocated_reserved AS TEXT) "
    "ORDER BY anchor.sort LIMIT ?"
)


def serving_pool(row: Row, spans: Sequence[Span] = ()) -> ServingPool:
    """The pool of a row of `SERVING_COLUMNS`."""
    try:
        name, family, body, priority, default, disabled, terminating, digest = row[:8]
        value = loads(body)
        rules = PoolRules(
            name,
            family,
            tuple(
                (field, subject, key, operator, tuple(values))
                for field, subject, key, operator, values in value["checks"]
            ),
            tuple(value["ranked"]),
            priority,
            bool(default),
            bool(disabled),
            bool(terminating),
            digest,
            spans,
        )
        routes = tuple((destination, gateway) for destination, gateway in loads(row[11]))
        return ServingPool(rules, int.from_bytes(row[8], "big"), row[9], row[10], routes)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        from store.failures import unreadable  # noqa: PLC0415 - costs nothing until then

        raise unreadable("a pool") from error


def default_checks(rows: Sequence[Row]) -> list[DefaultPool]:
    """The pools of rows of `DEFAULT_CHECKS`, whose bodies are read as one text: there are many."""
    try:
        bodies = loads(f"[{','.join([row[2] for row in rows])}]")
        return [
            (name, sort, body["checks"], bool(disabled), bool(terminating))
            for (name, sort, _, disabled, terminating), body in zip(rows, bodies, strict=True)
        ]
    except (ValueError, KeyError, TypeError) as error:
        from store.failures import unreadable  # noqa: PLC0415 - see above

        raise unreadable("a pool") from error
