"""Calls served in batches: one transaction for many, and no answer before it is durable.

read-only calls    answered from the store as it is
all others         each on its own, within one transaction; what one call did wrong is undone
                   alone, and a transaction that fails fails them all
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ipam.agent.log import AgentLog, CallLog
from ipam.agent.warm import WarmStore
from ipam.cni import Call, answer, failure
from model.errors import PoolweaverError, StoreBusyError, StoreError, UnknownFactsError
from model.fast_json import dumps
from store.store import Store
from store.whole import as_one

READ_ONLY = ("CHECK", "STATUS", "VERSION")
OK = "ok"


@dataclass(eq=False)
class Asked:
    """A call on its way: what the client sent, and when, in seconds of the monotonic clock.

    `deadline` is when it is to be answered at the latest, and `patience` until when a fact that is
    not known may still arrive.
    """

    variables: dict[str, str]
    document: str
    arrived: float
    deadline: float
    patience: float
    data_version: int = -1

    @property
    def verb(self) -> str:
        """The CNI verb, or what stands in its place."""
        return self.variables.get("CNI_COMMAND", "")


@dataclass
class Answered:
    """What a call is to be told, and what the log is; `outcome` is `ok` or the code of `error`.

    Seconds: `waited` from when it came until the attempt that is answered, `served` for its own
    work, `committed` for the end of the transaction that it shared with others.
    """

    asked: Asked
    exit_code: int
    document: str
    outcome: str
    log: CallLog
    error: PoolweaverError | None = None
    waited_seconds: float = 0.0
    served_seconds: float = 0.0
    committed_seconds: float = 0.0


@dataclass
class Batch:
    """What became of some calls: answered, to be tried again at once, or parked for facts."""

    answered: list[Answered] = field(default_factory=list)
    again: list[Asked] = field(default_factory=list)
    parked: list[Asked] = field(default_factory=list)


class Server:
    """Serves calls on one store. One thread; time comes from the two clocks it is given.

    `clock` gives UTC seconds since the epoch, `monotonic` seconds for deadlines.
    """

    def __init__(
        self,
        store: WarmStore,
        host_name: str,
        log: AgentLog,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._host_name = host_name
        self._log = log
        self._clock = clock
        self._monotonic = monotonic

    def warm(self) -> None:
        """Read what is remembered, so that the first call finds it."""
        self._store.memory.look(self._store.database)
        self._store.pools.known()

    def data_version(self) -> int:
        """A number that changes when another process writes to the store."""
        row = self._store.database.row("PRAGMA data_version")
        return int(row[0]) if row else 0

    def serve(self, calls: Sequence[Asked]) -> Batch:
        """Serve the calls, in their order. Every one of them is in the result, once."""
        self._store.memory.look(self._store.database)
        batch = Batch()
        writing = []
        for asked in calls:
            if asked.verb in READ_ONLY:
                self._attempt(asked, self._store, batch)
            else:
                writing.append(asked)
        if writing:
            self._serve_together(writing, batch)
        return batch

    def _serve_together(self, calls: Sequence[Asked], batch: Batch) -> None:
        """The calls that may write, in one transaction."""
        inner = Batch()
        try:
            with as_one(self._store) as inside:
                for asked in calls:
                    self._attempt(asked, inside, inner)
                before = self._monotonic()
        except StoreBusyError as error:
            self._not_now(calls, error, batch)
            return
        except StoreError as error:
            self._store.memory.forget()
            batch.answered += [self._failed(asked, error) for asked in calls]
            return
        seconds = self._monotonic() - before
        for answered in inner.answered:
            answered.committed_seconds = seconds
        batch.answered += inner.answered
        batch.parked += inner.parked

    def _not_now(self, calls: Sequence[Asked], error: StoreError, batch: Batch) -> None:
        """Another process writes: whoever has time left waits for the next batch."""
        now = self._monotonic()
        for asked in calls:
            if now < asked.deadline:
                batch.again.append(asked)
            else:
                batch.answered.append(self._failed(asked, error))

    def _attempt(self, asked: Asked, store: Store, batch: Batch) -> None:
        started = self._monotonic()
        log = self._log.of(asked.variables)
        may_wait = asked.verb == "ADD" and started < asked.patience
        call = self._call(asked, store, log, may_wait=may_wait)
        try:
            document = answer(call)
        except UnknownFactsError as error:
            if may_wait:
                batch.parked.append(asked)
                return
            batch.answered.append(self._failed(asked, error, started))
            return
        except StoreError as error:
            if asked.verb not in READ_ONLY and not store.database.in_transaction:
                raise  # the whole transaction is gone, and with it what the others did
            batch.answered.append(self._failed(asked, error, started))
            return
        except PoolweaverError as error:
            batch.answered.append(self._failed(asked, error, started))
            return
        except Exception as error:  # noqa: BLE001  # one call must not end the agent
            self._log.write("error", f"internal error: {type(error).__name__}: {error}")
            problem = StoreError(
                f"internal error: {error}", "please report it with the line that was logged"
            )
            batch.answered.append(self._failed(asked, problem, started))
            return
        text = "" if document is None else dumps(document) + "\n"
        batch.answered.append(self._timed(Answered(asked, 0, text, OK, log), started))

    def _failed(
        self, asked: Asked, error: PoolweaverError, started: float | None = None
    ) -> Answered:
        log = self._log.of(asked.variables)  # what the attempt said of its success is not so
        document = failure(self._call(asked, self._store, log), error)
        text = dumps(document) + "\n"
        return self._timed(Answered(asked, 1, text, error.code, log, error), started)

    def _timed(self, answered: Answered, started: float | None) -> Answered:
        """The answer with its times; `started` is None for a call that was never attempted."""
        now = self._monotonic()
        began = now if started is None else started
        answered.waited_seconds = began - answered.asked.arrived
        answered.served_seconds = now - began
        return answered

    def refuse(self, asked: Asked, error: PoolweaverError) -> Answered:
        """The answer to a call that is not served at all."""
        return self._failed(asked, error)

    def _call(self, asked: Asked, store: Store, log: CallLog, *, may_wait: bool = False) -> Call:
        return Call(
            asked.variables,
            asked.document,
            lambda _: store,
            self._host_name,
            int(self._clock()),
            log,
            may_wait=may_wait,
        )
