"""Several clients of one API in turns that a seed decides: one runs at a time, from call to call."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from threading import Semaphore, Thread


class KilledError(BaseException):
    """What ends a client that dies between two calls; nobody catches it on the way."""


class Turns:
    """Runs clients, each in a thread that waits for its turn. The same seed, the same order.

    `deadly` is the chance that a client dies at its turn.
    """

    def __init__(self, chance: Random, deadly: float) -> None:
        self._chance = chance
        self._deadly = deadly
        self._clients: list[_Client] = []

    def add(self, work: Callable[[Callable[[], None]], None]) -> None:
        """A client: `work` is given what it must call before each call of the API."""
        self._clients.append(_Client(work))

    def run(self, between: Callable[[], None]) -> None:
        """Runs all to their end, with `between` after each turn; what one raises, this raises."""
        try:
            while alive := [one for one in self._clients if not one.ended]:
                self._chance.choice(alive).go(dying=self._chance.random() < self._deadly)
                between()
        finally:
            for one in self._clients:
                while not one.ended:
                    one.go(dying=True)
        for one in self._clients:
            if one.error:
                raise one.error


class _Client:
    def __init__(self, work: Callable[[Callable[[], None]], None]) -> None:
        self._work = work
        self._turn, self._back = Semaphore(0), Semaphore(0)
        self._dying = False
        self.ended = False
        self.error: Exception | None = None
        self._thread = Thread(target=self._run)
        self._thread.start()

    def go(self, *, dying: bool) -> None:
        self._dying = dying
        self._turn.release()
        self._back.acquire()
        if self.ended:
            self._thread.join()

    def _run(self) -> None:
        self._turn.acquire()
        try:
            if not self._dying:
                self._work(self._pause)
        except KilledError:
            pass
        except Exception as error:  # noqa: BLE001 - `Turns.run` raises it
            self.error = error
        self.ended = True
        self._back.release()

    def _pause(self) -> None:
        self._back.release()
        self._turn.acquire()
        if self._dying:
            raise KilledError
