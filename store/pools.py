"""The Protocol `Pools` on SQLite: pools, their counts, and the digest of all their rules."""

from __future__ import annotations

from model.naming import natural_key
from model.pools import PoolUsage
from store.claim import rules_digest
from store.pool_rows import (
    ANY_DEFAULT,
    DEFAULT_CHECKS,
    POSTINGS,
    POSTINGS_OF_SUBJECT,
    POSTINGS_WITH_ROOM,
    SERVING,
    SERVING_DEFAULT,
    default_checks,
    serving_pool,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import Sequence

    from model.pools import Anchor, DefaultPool, PoolRecord, ServingPool
    from store.database import Database, Row

TERMINATING = "SELECT name FROM pool INDEXED BY pool_by_terminating WHERE terminating"
_USAGE = (
    "SELECT pool.name, total, claimable_total, allocated, resting, allocated_reserved "
    "FROM pool JOIN pool_usage ON pool_usage.pool = pool.name WHERE pool.name"
)
_FREE = (
    "SELECT claimable_total, allocated, allocated_reserved FROM pool {} "
    "CROSS JOIN pool_usage ON pool_usage.pool = pool.name "
    "WHERE {} AND family = ? AND NOT disabled AND NOT terminating"
)
FREE_NAMED = _FREE.format("", "pool.name = ?")
FREE_DEFAULT = _FREE.format("INDEXED BY pool_by_default", "is_default")
USAGE = f"{_USAGE} = ?"
BATCH = 200  # how many pools one query asks for, where many are wanted
USAGE_OF_MANY = f"{_USAGE} IN ({', '.join('?' * BATCH)})"


class StoredPools:
    """Pools, read.

    Each call sees one moment; two calls may see two. A decision therefore reads the digest first:
    its claim is then `Stale` if any pool changed after that.
    """

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def rules_digest(self) -> str:
        """An order-independent digest of all pools: rules, flags, priority, gateway, routes."""
        return rules_digest(self._database)

    def names(self, family: int) -> builtins.list[str]:
        """The names of all pools of a family, in natural order."""
        rows = self._database.rows("SELECT name FROM pool WHERE family = ?", (family,))
        return sorted((row[0] for row in rows), key=natural_key)

    def terminating(self) -> builtins.list[str]:
        """The names of all pools that are being drained, in natural order."""
        rows = self._database.rows(TERMINATING)
        return sorted((row[0] for row in rows), key=natural_key)

    def serving(self, names: Sequence[str]) -> dict[str, ServingPool]:
        """The named pools that exist, in the order of `names`; without spans."""
        with self._database.snapshot():
            rows = [self._database.row(SERVING, (name,)) for name in names]
        return {row[0]: serving_pool(row) for row in rows if row}

    def serving_default(self, family: int) -> builtins.list[ServingPool]:
        """Every pool of the family with `spec.default: true`, in natural order; without spans."""
        found = [serving_pool(row) for row in self._database.rows(SERVING_DEFAULT, (family,))]
        return sorted(found, key=lambda pool: natural_key(pool.rules.name))

    def default_checks(self, family: int) -> builtins.list[DefaultPool]:
        """The same pools in no order, and of them no more than decides whether they stand.

        Their checks are the lists of the stored body, which compare unlike those of `PoolRules`.
        """
        return default_checks(self._database.rows(DEFAULT_CHECKS, (family,)))

    def has_default(self, family: int) -> bool:
        """Whether any pool of the family has `spec.default: true`."""
        return self._database.row(ANY_DEFAULT, (family,)) is not None

    def serving_anchored(
        self,
        family: int,
        anchors: Sequence[Anchor],
        subjects: Sequence[str] = (),
        after: bytes = b"",
        limit: int = 16,
        *,
        with_room: bool = False,
    ) -> builtins.list[ServingPool]:
        """The default pools filed under one of the anchors, best rank first, up to `limit`.

        Also those filed under any anchor of `subjects`. `after` is the `sort` of the last pool of
        the page before. Fewer than `limit` means that there are no more. `with_room` passes over
        pools of `anchors` that are full. Neither disabled nor terminating ones are filed. Costs a
        few index look-ups an anchor and a pool that is given, whatever the number of pools.
        """
        postings = POSTINGS_WITH_ROOM if with_room else POSTINGS
        found: set[tuple[bytes, str]] = set()
        with self._database.snapshot():
            for anchor in anchors:
                found.update(self._database.rows(postings, (family, *anchor, after, limit)))
            for subject in subjects:
                page = (family, subject, after, limit)
                found.update(self._database.rows(POSTINGS_OF_SUBJECT, page))
            best = sorted(found)[:limit]
            rows = [self._database.row(SERVING, (name,)) for _, name in best]
        return [serving_pool(row) for row in rows if row]

    def get(self, name: str) -> PoolRecord | None:
        """One whole pool, spans included."""
        from store.pool_records import WHOLE, pool_record  # noqa: PLC0415 - not for a CNI call

        row = self._database.row(f"{WHOLE} WHERE pool.name = ?", (name,))
        return pool_record(row) if row else None

    def list(self) -> builtins.list[PoolRecord]:
        """All whole pools, in natural order of name, spans included."""
        from store.pool_records import WHOLE, pool_record  # noqa: PLC0415 - see above

        found = [pool_record(row) for row in self._database.rows(WHOLE)]
        return sorted(found, key=lambda pool: natural_key(pool.name))

    def usage(self, names: Sequence[str]) -> dict[str, PoolUsage]:
        """Counts of the named pools that exist; the cost of one is the same at any size."""
        usage = {}
        with self._database.snapshot():
            for row in self._usage_rows(names):
                name, (total, claimable, allocated, resting, reserved) = row[0], map(int, row[1:])
                free = claimable - (allocated - reserved)
                usage[name] = PoolUsage(total, allocated, resting, free)
        return usage

    def has_free(self, family: int, names: Sequence[str] | None) -> bool | None:
        """Whether one of the pools that serve has an address; None if there is no such pool.

        `names` of None: the pools with `spec.default: true`. Stops at the first with an address.
        """
        found = None
        keys = [(family,)] if names is None else [(name, family) for name in names]
        with self._database.snapshot():
            for key in keys:
                query = FREE_DEFAULT if names is None else FREE_NAMED
                for claimable, allocated, allocated_reserved in self._database.run(query, key):
                    if int(claimable) > allocated - allocated_reserved:
                        return True
                    found = False
        return found

    def _usage_rows(self, names: Sequence[str]) -> builtins.list[Row]:
        """The rows of the pools, in queries for `BATCH` of them each, and one each for the rest."""
        whole = len(names) - len(names) % BATCH
        rows = []
        for start in range(0, whole, BATCH):
            rows += self._database.rows(USAGE_OF_MANY, tuple(names[start : start + BATCH]))
        for name in names[whole:]:
            rows += self._database.rows(USAGE, (name,))
        return rows
