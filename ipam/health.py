"""How a store is: what it holds, how full its pools are, and whether it can serve."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import StoreBusyError, StoreError
from store.database import SCHEMA_NUMBER
from store.gauges import PoolCounts, file_bytes, journal_rows, object_counts, pool_counts
from store.store import Store

PATIENCE_SECONDS = 0.5  # for others who write


@dataclass(frozen=True)
class Health:
    """A store at one moment. `known_from` is the second from which its journal is whole, None
    where nothing ever happened; `problem` says why it cannot serve, None where it can. `node` is
    empty before the first ADD.
    """

    path: str
    schema: int
    mode: int
    bytes: Mapping[str, int]
    node: str
    pools: Sequence[PoolCounts]
    objects: Mapping[str, int]
    journal_rows: int
    known_from: int | None
    problem: StoreError | None

    def count(self, what: str) -> int:
        """The sum of `bound`, `kept`, `resting`, `free` or `total` over all pools."""
        return sum(getattr(pool, what) for pool in self.pools)

    def to_json(self) -> dict[str, object]:
        """All of it, as `poolweaver status -o json` has it."""
        problem = self.problem
        return {
            "store": {
                "path": self.path,
                "schema": self.schema,
                "mode": f"{self.mode:04o}",
                "bytes": dict(self.bytes),
                "node": self.node or None,
                "serving": problem is None,
                "problem": {"code": problem.code, "message": problem.message} if problem else None,
            },
            "leases": {what: self.count(what) for what in ("bound", "kept", "resting")},
            "pools": [pool.to_json() for pool in self.pools],
            "full": [pool.name for pool in self.pools if pool.is_full],
            "objects": dict(self.objects),
            "journal": {"rows": self.journal_rows, "knownFrom": self.known_from},
        }


def health(store: Store) -> Health:
    """The store as it is. The number of queries is the same however many pools there are."""
    database = store.database
    with database.snapshot():
        found = (
            store.settings.bound_node() or "",
            pool_counts(database),
            object_counts(database),
            journal_rows(database),
            store.journal.known_from(),
        )
    mode = stat.S_IMODE(Path(database.path).stat().st_mode)
    size = file_bytes(database.path)
    return Health(database.path, SCHEMA_NUMBER, mode, size, *found, _problem(store))


def _problem(store: Store) -> StoreError | None:
    """Why nothing can be written, if so; a store that others write to serves well."""
    store.database.busy_seconds = min(store.database.busy_seconds, PATIENCE_SECONDS)
    try:
        with store.database.transaction() as transaction:
            transaction.abandon()
    except StoreBusyError:
        return None
    except StoreError as error:
        return error
    return None
