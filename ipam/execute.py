"""One operation on the store, with a busy store made an error."""

from __future__ import annotations

from model.errors import StoreBusyError
from model.leases import Busy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.leases import Operation, Outcome
    from store.store import Store


def execute_one(store: Store, operation: Operation, now_seconds: int) -> Outcome:
    """The outcome of one operation, never `Busy`: that raises `StoreBusyError`."""
    outcome = store.leases.execute([operation], now_seconds)[0]
    if isinstance(outcome, Busy):
        raise StoreBusyError(
            "the store is busy: another process is writing to it", "try again in a moment"
        )
    return outcome
