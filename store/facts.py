"""The Protocol `FactSource` on SQLite: the facts of what was applied."""

from __future__ import annotations

from model.facts import Seen, Unknown
from model.facts_json import namespace_from_json, node_from_json, pod_from_json
from model.fast_json import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from model.facts import NamespaceFacts, NodeFacts, PodFacts
    from store.database import Database, Row

    Section = TypeVar("Section")

FACTS = (
    "SELECT facts, uid, revision, seen_at FROM object WHERE kind = ? AND namespace = ? AND name = ?"
)


class StoredFacts:
    """Facts of objects that were applied. What was not is `Unknown`, never an error."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod; Unknown too where its UID is stored, `uid` is given, and they differ."""
        row = self._database.row(FACTS, ("Pod", namespace, name))
        what = f"pod {namespace}/{name}"
        if row is None:
            return _unknown(what, f"the store knows no Pod `{namespace}/{name}`", "pod")
        if uid and row[1] and uid != row[1]:
            reason = (
                f"the store knows the Pod `{namespace}/{name}` with UID `{row[1]}`, "
                f"and this one has UID `{uid}`"
            )
            return _unknown(what, reason, "pod")
        return _read(pod_from_json, row, what)

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace."""
        row = self._database.row(FACTS, ("Namespace", "", name))
        if row is None:
            reason = f"the store knows no Namespace `{name}`"
            return _unknown(f"namespace {name}", reason, "namespace")
        return _read(namespace_from_json, row, f"namespace {name}")

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node."""
        row = self._database.row(FACTS, ("Node", "", name))
        if row is None:
            return _unknown(f"node {name}", f"the store knows no Node `{name}`", "node")
        return _read(node_from_json, row, f"node {name}")


def _read(make: Callable[[Any, Seen], Section], row: Row, what: str) -> Section:
    """The section of a row."""
    try:
        return make(loads(row[0]), _seen(row))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        from store.failures import unreadable  # noqa: PLC0415 - costs nothing until then

        raise unreadable(what) from error


def _seen(row: Row) -> Seen:
    return Seen(str(row[2]), "store", row[3])


def _unknown(what: str, reason: str, kind: str) -> Unknown:
    return Unknown(what, reason, f"apply it: `poolweaver apply -f {kind}.yaml`")
