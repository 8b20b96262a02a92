"""Facts that a watch keeps up to date, and what they are once nobody has confirmed them for long.

    applied by hand   true until somebody applies another; however long ago that was
    watched           true while the watch is alive: older than the limit, they are unknown

This is the one place that knows of age. A section that is too old is `Unknown` to all that decide,
so a check on it neither refuses nor lets a lesser pool through: the call is to be tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ipam.agent.warm import Memory, WarmStore
from model.facts import (
    MEND_WATCH,
    WATCH_BEHIND,
    WATCHED,
    NamespaceFacts,
    NodeFacts,
    PodFacts,
    Unknown,
)
from store.facts import StoredFacts

if TYPE_CHECKING:
    from model.protocols import FactSource
    from store.database import Database
    from store.store import Store

Section = TypeVar("Section", PodFacts, NamespaceFacts, NodeFacts)


class Watch:
    """How facts are had: from which source, by which clock, and how old they may be.

    `source_of` gives the source beside a store. `max_age_seconds` is a whole number, 0 for no
    limit; `clock` gives UTC seconds since the epoch.
    """

    def __init__(
        self,
        source_of: Callable[[Store], FactSource],
        max_age_seconds: int,
        clock: Callable[[], float],
    ) -> None:
        self.source_of = source_of
        self.max_age_seconds = max_age_seconds
        self.clock = clock


class FreshFacts:
    """The Protocol `FactSource` over another one: watched sections too old are unknown."""

    def __init__(self, source: FactSource, max_age_seconds: int, now_seconds: int) -> None:
        self._source = source
        self._max_age_seconds = max_age_seconds
        self._now_seconds = now_seconds

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod."""
        return self._fresh(self._source.pod(namespace, name, uid), f"pod {namespace}/{name}")

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace."""
        return self._fresh(self._source.namespace(name), f"namespace {name}")

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node."""
        return self._fresh(self._source.node(name), f"node {name}")

    def _fresh(self, section: Section | Unknown, what: str) -> Section | Unknown:
        if isinstance(section, Unknown) or section.seen is None:
            return section
        age = self._now_seconds - section.seen.at_seconds
        if not self._max_age_seconds or section.seen.source != WATCHED:
            return section
        if age <= self._max_age_seconds:
            return section
        return Unknown(
            what,
            f"{WATCH_BEHIND}: it was seen {age} s ago, and may be {self._max_age_seconds} s old",
            MEND_WATCH,
        )


class WatchedStore(WarmStore):
    """A warm store whose facts come by a watch."""

    __slots__ = ("_watch",)

    def __init__(
        self,
        database: Database,
        watch: Watch,
        memory: Memory | None = None,
        report: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(database, memory, report)
        self._watch = watch

    @property
    def facts(self) -> FreshFacts:  # type: ignore[override]
        """Facts, none of them too old."""
        watch = self._watch
        return FreshFacts(watch.source_of(self), watch.max_age_seconds, int(watch.clock()))

    def on(self, database: Database) -> Store:
        """The same store in another transaction, with the same memory and watch."""
        return WatchedStore(database, self._watch, self.memory, self._report)


def applied(store: Store) -> FactSource:
    """The facts that were applied by hand, which have no age limit."""
    return StoredFacts(store.database)
