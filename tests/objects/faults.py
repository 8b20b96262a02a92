"""Trouble between a client and the API, by seed: conflicts, stale lists, answers that are lost.

dropped   the request never arrived                 NoAnswerError
lost      it was done, and the answer got lost      NoAnswerError
late      it is done some calls later               NoAnswerError
twice     a proxy sent it again                     the answer to the second
conflict  refused though nothing had changed        ConflictError
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import TypeVar

from tests.objects.api import (
    AlreadyExistsError,
    ConflictError,
    FakeApi,
    NoAnswerError,
    Object,
)

Answer = TypeVar("Answer")
STALEST = 30


class FaultyApi:
    """The API as one client meets it. `late` is shared by all clients of one API.

    `often` is the chance of trouble of one call. `pause` is called before each, so that whoever
    runs the clients decides who goes on, and who dies.
    """

    def __init__(
        self,
        api: FakeApi,
        chance: Random,
        often: float,
        late: list[Callable[[], object]],
        pause: Callable[[], None],
    ) -> None:
        self._api = api
        self._chance = chance
        self._often = often
        self._late = late
        self._pause = pause

    def get(self, kind: str, name: str) -> Object | None:
        """The object as it is now, or no answer."""
        self._begin()
        if self._trouble() and self._chance.random() < 0.5:
            raise NoAnswerError
        return self._api.get(kind, name)

    def list(self, kind: str, *, stale: bool = False) -> list[Object]:
        """All objects of a kind, maybe of a while ago if `stale` is right, or no answer."""
        self._begin()
        if not self._trouble():
            return self._api.list(kind)
        if stale:
            revision = self._api.revision
            return self._api.list_at(kind, max(0, revision - self._chance.randrange(STALEST)))
        raise NoAnswerError

    def create(self, kind: str, name: str, body: Mapping[str, object]) -> Object:
        """As the API, with trouble."""
        return self._write(lambda: self._api.create(kind, name, body), conflict=False)

    def update(self, old: Object, body: Mapping[str, object]) -> Object:
        """As the API, with trouble."""
        return self._write(lambda: self._api.update(old, body), conflict=True)

    def delete(self, old: Object) -> None:
        """As the API, with trouble."""
        self._write(lambda: self._api.delete(old), conflict=True)

    def _write(self, request: Callable[[], Answer], *, conflict: bool) -> Answer:
        self._begin()
        if not self._trouble():
            return request()
        kinds = ["dropped", "lost", "late", "twice", *["conflict"] * conflict]
        fault = self._chance.choice(kinds)
        if fault == "conflict":
            raise ConflictError
        if fault == "late":
            self._late.append(request)
        if fault in ("lost", "twice"):
            request()
        if fault == "twice":
            return request()
        raise NoAnswerError

    def _begin(self) -> None:
        self._pause()
        while self._late and self._chance.random() < 0.3:
            request = self._late.pop(self._chance.randrange(len(self._late)))
            with suppress(AlreadyExistsError, ConflictError):  # too late for anything
                request()

    def _trouble(self) -> bool:
        return self._chance.random() < self._often
