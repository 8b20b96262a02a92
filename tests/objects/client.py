"""The API with a bounded number of tries, and with writes that know their own answer again.

Every body carries, under `by`, a mark that no other write bears. Where an answer is lost, or an
earlier try of the same write stands in the way of the next, the mark tells whose write is there.
A write that somebody else has overwritten since is not told from one that never happened: whoever
is refused reads again, and judges by what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from model.errors import StoreBusyError
from tests.objects.api import (
    AlreadyExistsError,
    Api,
    ConflictError,
    NoAnswerError,
    Object,
)
from tests.objects.codec import plain

Answer = TypeVar("Answer")
TRIES = 5


class Client:
    """One process that uses the API. `name` must be its own among all that ever were.

    `seen` is the highest revision it has met: what it does next happens after that.
    """

    def __init__(self, api: Api, name: str) -> None:
        self._api = api
        self._name = name
        self._count = 0
        self.seen = 0

    def new_name(self) -> str:
        """A name that nobody ever used."""
        self._count += 1
        return f"{self._name}-{self._count}"

    def get(self, kind: str, name: str) -> Object | None:
        """The object as it is now."""
        found = self._patiently(lambda: self._api.get(kind, name))
        return self._note(found) if found else None

    def list(self, kind: str, *, stale: bool = False) -> list[Object]:
        """All objects of a kind at one moment, which is now or, with `stale`, may be earlier."""
        found = self._patiently(lambda: self._api.list(kind, stale=stale))
        for one in found:
            self._note(one)
        return found

    def create(self, kind: str, name: str, value: object) -> Object | None:
        """The new object, or None if another is there."""
        mark = self.new_name()
        body = {"by": mark, "value": plain(value)}
        tries = 0

        def attempt() -> Object | None:
            nonlocal tries
            tries += 1
            try:
                return self._api.create(kind, name, body)
            except AlreadyExistsError:
                found = self._api.get(kind, name)
                return found if found and found.body["by"] == mark else None

        made = self._patiently(attempt)
        return self._note(made) if made else None

    def update(self, old: Object, value: object) -> Object | None:
        """The object as written, or None if it is gone or was not `old` any more."""
        mark = self.new_name()
        body = {"by": mark, "value": plain(value)}

        def attempt() -> Object | None:
            try:
                return self._api.update(old, body)
            except ConflictError:
                found = self._api.get(old.kind, old.name)
                return found if found and found.body["by"] == mark else None

        written = self._patiently(attempt)
        return self._note(written) if written else None

    def put(self, kind: str, name: str, old: Object | None, value: object) -> Object | None:
        """As `update`, or `create` where `old` is None; refused only if `old` is not there still."""
        for _ in range(TRIES):
            written = self.update(old, value) if old else self.create(kind, name, value)
            now = None if written else self.get(kind, name)
            if written or (now and now.revision) != (old and old.revision):
                return written
        raise StoreBusyError(f"the object API refuses to write `{name}`", "try again")

    def delete(self, old: Object) -> bool:
        """Whether the object is gone; False if it was not `old` any more and is there still."""

        def attempt() -> bool:
            try:
                self._api.delete(old)
            except ConflictError:
                now = self._api.get(old.kind, old.name)
                if now and now.revision == old.revision:
                    raise NoAnswerError from None  # there was no reason: once more
                return now is None
            return True

        return self._patiently(attempt)

    def _note(self, found: Object) -> Object:
        self.seen = max(self.seen, found.revision)
        return found

    def _patiently(self, attempt: Callable[[], Answer]) -> Answer:
        for _ in range(TRIES):
            try:
                return attempt()
            except NoAnswerError:
                continue
        raise StoreBusyError("the object API does not answer", "try again")
