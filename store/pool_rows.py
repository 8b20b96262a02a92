"""Pools between rows of the tables and records: the reading half, which a CNI call needs."""

from __future__ import annotations

from model.fast_json import loads
from model.pools import ServingPool
from model.rules import PoolRules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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
