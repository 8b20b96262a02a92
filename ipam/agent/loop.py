"""The agent's loop: reads questions as they come, serves those that are there, answers."""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ipam.agent.batches import Answered, Asked, Server
from ipam.agent.connections import Connection, may_ask
from ipam.agent.log import AgentLog
from ipam.agent.protocol import (
    ABOUT,
    ASK,
    ProtocolError,
    Question,
    UnknownVersionError,
    answer_bytes,
    unknown_version_bytes,
)
from model.errors import CniError, StoreBusyError

# How often facts that are waited for are looked for, and a store that was busy is tried again.
TICK_SECONDS = 0.05
# How long one transaction waits for another process. Calls whose deadline allows wait again.
BUSY_SECONDS = 0.5


@dataclass(frozen=True)
class Limits:
    """What bounds the agent's work. Seconds are of the monotonic clock.

    `deadline_seconds` is shorter than the client waits; `patience_seconds` is how long a Pod that
    is not known may take to arrive; `read_seconds` how long a client may take to ask, and
    `last_read_seconds` how long one that is there when the agent is told to stop.
    """

    batch: int = 64
    queue: int = 1024
    deadline_seconds: float = 30.0
    patience_seconds: float = 2.0
    read_seconds: float = 10.0
    last_read_seconds: float = 1.0


class Loop:
    """Serves the clients of a listening socket until it is told to stop.

    One thread. `stop` is safe to call from a signal handler; what was asked by then is answered.
    `observe` is told of each call that was answered, and the seconds since it came; `about` gives
    the document for who asks of the agent itself.
    """

    def __init__(
        self,
        listener: socket.socket,
        server: Server,
        log: AgentLog,
        limits: Limits | None = None,
        observe: Callable[[Answered, float], None] = lambda _answered, _seconds: None,
        about: Callable[[], str] = lambda: "{}",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener = listener
        self._server = server
        self._log = log
        self._limits = limits or Limits()
        self._observe = observe
        self._about = about
        self._monotonic = monotonic
        self._selector = selectors.DefaultSelector()
        self._reading: dict[Connection, None] = {}
        self._queue: deque[Asked] = deque()
        self._parked: list[Asked] = []
        self._connections: dict[Asked, Connection] = {}
        self._sending: set[Connection] = set()
        self._stopping = False
        self._closed = False
        self._last_read = math.inf
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_writer.setblocking(False)

    @property
    def wake_descriptor(self) -> int:
        """A file descriptor; a byte written to it wakes the loop (`signal.set_wakeup_fd`)."""
        return self._wake_writer.fileno()

    @property
    def queued(self) -> int:
        """How many calls wait to be served; whole whenever another thread reads it."""
        return len(self._queue)

    @property
    def parked(self) -> int:
        """How many calls wait for facts; whole whenever another thread reads it."""
        return len(self._parked)

    def stop(self) -> None:
        """Take no new calls, answer those that were taken, and end `run`."""
        self._stopping = True

    def wake(self) -> None:
        """Let the loop look around, from another thread; a no-op once it has ended."""
        with contextlib.suppress(OSError):
            self._wake_writer.send(b"\0")

    def run(self) -> None:
        """Serve until `stop`."""
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake_reader, selectors.EVENT_READ, self._drain_wakes)
        try:
            while not self._stopping or self._busy():
                self._step()
        finally:
            self._close()

    def _busy(self) -> bool:
        return bool(self._reading or self._queue or self._parked or self._sending)

    def _step(self) -> None:
        for key, _ in self._selector.select(self._timeout()):
            key.data()
        if self._stopping and not self._closed:
            self._take_the_last()
        self._drop_slow_readers()
        self._unpark()
        if self._queue:
            count = min(len(self._queue), self._limits.batch)
            self._serve([self._queue.popleft() for _ in range(count)])
        self._log.flush()

    def _timeout(self) -> float | None:
        if self._queue:
            return 0.0
        if self._parked or self._reading or self._sending or self._stopping:
            return TICK_SECONDS
        return None

    def _drain_wakes(self) -> None:
        self._wake_reader.recv(4096)

    def _accept(self) -> None:
        for _ in range(self._limits.batch):
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError as error:  # out of descriptors: the client waits in the backlog
                self._log.write("error", f"a client cannot be accepted: {error.strerror}")
                time.sleep(TICK_SECONDS)
                return
            connection = Connection(client, self._monotonic())
            if not self._receive(connection):  # mostly the question is there by now
                self._reading[connection] = None
                self._selector.register(
                    client, selectors.EVENT_READ, lambda one=connection: self._receive(one)
                )

    def _receive(self, connection: Connection) -> bool:
        """Read what is there; whether there is no more to be read."""
        try:
            question, gone = connection.receive()
        except UnknownVersionError as error:
            self._log.write("warn", f"a client cannot be answered: {error}")
            self._send(connection, unknown_version_bytes())
            return True
        except ProtocolError as error:
            self._log.write("warn", f"a client cannot be answered: {error}")
            self._end(connection)
            return True
        if gone:
            self._end(connection)
        elif question is not None:
            self._take(connection, question)
        return gone or question is not None

    def _take(self, connection: Connection, question: Question) -> None:
        now = self._monotonic()
        limits = self._limits
        asked = Asked(
            question.variables,
            question.document,
            now,
            now + limits.deadline_seconds,
            now + limits.patience_seconds,
        )
        self._stop_reading(connection)
        uid = connection.peer_uid()
        if question.variables.get(ASK) == ABOUT and may_ask(uid):
            self._send(connection, answer_bytes(0, self._about()))
            return
        self._connections[asked] = connection
        if not may_ask(uid):
            refused = CniError(
                f"user {uid} may not ask this agent", "run the plugin as root", code="agent-peer"
            )
            self._answer(self._server.refuse(asked, refused))
        elif len(self._queue) >= limits.queue:
            full = StoreBusyError(
                f"the agent is busy: {len(self._queue)} calls wait already", "try again"
            )
            self._answer(self._server.refuse(asked, full))
        else:
            self._queue.append(asked)

    def _unpark(self) -> None:
        """Whoever waits for facts is tried again when somebody wrote, and when time is over."""
        if not self._parked:
            return
        now, version = self._monotonic(), self._server.data_version()
        waiting = []
        for asked in self._parked:
            if self._stopping or now >= asked.patience or asked.data_version != version:
                asked.data_version = version
                if self._stopping:
                    asked.patience = now
                self._queue.append(asked)
            else:
                waiting.append(asked)
        self._parked = waiting

    def _serve(self, calls: list[Asked]) -> None:
        version = self._server.data_version()
        now = self._monotonic()
        for asked in calls:
            if now >= asked.deadline:
                late = StoreBusyError("the agent is busy: the call waited too long", "try again")
                self._answer(self._server.refuse(asked, late))
        batch = self._server.serve([asked for asked in calls if now < asked.deadline])
        for answered in batch.answered:
            self._answer(answered)
        for asked in batch.parked:
            asked.data_version = version
        self._parked += batch.parked
        if batch.again:
            self._queue.extendleft(reversed(batch.again))
            time.sleep(TICK_SECONDS)

    def _answer(self, answered: Answered) -> None:
        connection = self._connections.pop(answered.asked)
        self._send(connection, answer_bytes(answered.exit_code, answered.document))
        seconds = self._monotonic() - answered.asked.arrived
        answered.log.answered(answered.outcome, seconds)
        self._observe(answered, seconds)

    def _send(self, connection: Connection, data: bytes) -> None:
        self._stop_reading(connection)
        if connection.answer(data):
            connection.close()
            return
        self._sending.add(connection)
        self._selector.register(
            connection.socket, selectors.EVENT_WRITE, lambda: self._send_more(connection)
        )

    def _send_more(self, connection: Connection) -> None:
        if connection.send():
            self._sending.discard(connection)
            self._selector.unregister(connection.socket)
            connection.close()

    def _end(self, connection: Connection) -> None:
        self._stop_reading(connection)
        connection.close()

    def _stop_reading(self, connection: Connection) -> None:
        if connection in self._reading:
            del self._reading[connection]
            self._selector.unregister(connection.socket)

    def _drop_slow_readers(self) -> None:
        """Ends those that connected and do not ask; the first of the dict is the oldest."""
        now = self._monotonic()
        for connection in list(self._reading):
            if now < self._last_read and now - connection.opened < self._limits.read_seconds:
                return
            self._end(connection)

    def _take_the_last(self) -> None:
        """Takes who is there by now and lets them ask; later clients are for the next agent."""
        for _ in range(1 + self._limits.queue // self._limits.batch):
            self._accept()
        self._closed = True
        self._last_read = self._monotonic() + self._limits.last_read_seconds
        self._selector.unregister(self._listener)

    def _close(self) -> None:
        for connection in (*self._reading, *self._sending, *self._connections.values()):
            connection.close()
        self._selector.close()
        self._wake_reader.close()
        self._wake_writer.close()
