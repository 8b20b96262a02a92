"""A fake object API: what the API server of Kubernetes promises, and not a word more.

An object has a kind, a name, a body (JSON values) and a revision that grows with every write to any
object. Each write is of one object, whole, and atomic; there are no transactions over several.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from json import dumps, loads
from typing import Any, Protocol

from model.record import Record


class AlreadyExistsError(Exception):
    """An object of that kind and name is there."""


class ConflictError(Exception):
    """The object is gone, or has another revision than the one that was named."""


class TooOldError(Exception):
    """A watch from a revision that is forgotten: list again."""


class NoAnswerError(Exception):
    """The answer was lost. The write happened, did not happen, or will yet."""


class Object(Record):
    """One object as it was at a revision. `text` is its body as JSON."""

    __slots__ = ("kind", "name", "revision", "text")

    def __init__(self, kind: str, name: str, revision: int, text: str) -> None:
        self.kind = kind
        self.name = name
        self.revision = revision
        self.text = text

    @property
    def body(self) -> Any:
        """A copy of the body."""
        return loads(self.text)


class Event(Record):
    """That an object was written at a revision, or deleted (`text` is None)."""

    __slots__ = ("kind", "name", "revision", "text")

    def __init__(self, kind: str, name: str, revision: int, text: str | None) -> None:
        self.kind = kind
        self.name = name
        self.revision = revision
        self.text = text


class Api(Protocol):
    """The verbs. Each may raise NoAnswerError, too."""

    def get(self, kind: str, name: str) -> Object | None:
        """The object as it is now."""

    def list(self, kind: str, *, stale: bool = False) -> list[Object]:
        """All objects of a kind at one moment, by name; with `stale`, maybe at an earlier one."""

    def create(self, kind: str, name: str, body: Mapping[str, object]) -> Object:
        """Makes an object; AlreadyExistsError if there is one."""

    def update(self, old: Object, body: Mapping[str, object]) -> Object:
        """Writes an object anew if it has the revision of `old`; else ConflictError."""

    def delete(self, old: Object) -> None:
        """Deletes an object if it has the revision of `old`; else ConflictError."""


class FakeApi:
    """Objects in memory, and the log of all writes. Answers at once and always."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[str, Object]] = {}
        self._log: list[Event] = []
        self._oldest = 0

    @property
    def revision(self) -> int:
        """That of the last write, 0 before the first."""
        return len(self._log)

    def get(self, kind: str, name: str) -> Object | None:
        """The object as it is now."""
        return self._objects.get(kind, {}).get(name)

    def list(self, kind: str, *, stale: bool = False) -> list[Object]:  # noqa: ARG002 - never is
        """All objects of a kind as they are now, by name."""
        return sorted(self._objects.get(kind, {}).values(), key=lambda one: one.name)

    def list_at(self, kind: str, revision: int) -> builtins.list[Object]:
        """All objects of a kind as they were at a revision, by name."""
        found: dict[str, Object] = {}
        for event in self._log[:revision]:
            if event.kind == kind:
                found.pop(event.name, None)
                if event.text is not None:
                    found[event.name] = Object(kind, event.name, event.revision, event.text)
        return [found[name] for name in sorted(found)]

    def watch(self, since: int) -> Iterator[Event]:
        """What was written after a revision, in order; TooOldError if that is forgotten."""
        if since < self._oldest:
            raise TooOldError
        yield from self._log[since:]

    def forget(self, before: int) -> None:
        """Lets no watch begin before this revision any more."""
        self._oldest = before

    def create(self, kind: str, name: str, body: Mapping[str, object]) -> Object:
        """Makes an object; AlreadyExistsError if there is one."""
        if self.get(kind, name):
            raise AlreadyExistsError
        return self._write(kind, name, body)

    def update(self, old: Object, body: Mapping[str, object]) -> Object:
        """Writes an object anew if it has the revision of `old`; else ConflictError."""
        self._require(old)
        return self._write(old.kind, old.name, body)

    def delete(self, old: Object) -> None:
        """Deletes an object if it has the revision of `old`; else ConflictError."""
        self._require(old)
        del self._objects[old.kind][old.name]
        self._log.append(Event(old.kind, old.name, self.revision + 1, None))

    def _require(self, old: Object) -> None:
        now = self.get(old.kind, old.name)
        if now is None or now.revision != old.revision:
            raise ConflictError

    def _write(self, kind: str, name: str, body: Mapping[str, object]) -> Object:
        written = Object(kind, name, self.revision + 1, dumps(body))
        self._objects.setdefault(kind, {})[name] = written
        self._log.append(Event(kind, name, written.revision, written.text))
        return written
