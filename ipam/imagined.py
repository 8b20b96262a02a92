"""A store seen through imagined facts: what would be decided if a label were another.

Nothing is written. Pools, leases and settings are the store's own; facts that were edited are laid
over the stored ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from model.facts import NamespaceFacts, NodeFacts, PodFacts, Unknown
from policy.objects import NAMESPACE_LABEL
from store.store import Store

if TYPE_CHECKING:
    from policy.fact_paths import FactPath
    from store.facts import StoredFacts

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Imagined:
    """A Pod that is asked about, and what is imagined of it.

    `stored` is false for a Pod that nobody applied: it has nothing but what `edits` say. An edit
    gives the fact at a path a value, or None: absent. Invariant: paths passed
    `policy.fact_paths.check_value`.
    """

    namespace: str
    name: str
    stored: bool = True
    edits: Mapping[FactPath, str | None] = field(default_factory=dict)

    def named(self, subject: str, otherwise: str) -> str:
        """The edited value of a subject without key."""
        return self.edits.get((subject, ""), otherwise) or ""

    @property
    def shown_name(self) -> str:
        """The Pod's name, as edited."""
        return self.named("pod.name", self.name)

    @property
    def shown_namespace(self) -> str:
        """The Pod's namespace, as edited."""
        return self.named("namespace.name", self.namespace)

    def edited(self, subject: str, values: Mapping[str, str]) -> Values:
        """Labels or annotations with the edits of them."""
        changed = dict(values)
        for (edited, key), value in self.edits.items():
            if edited == subject and value is None:
                changed.pop(key, None)
            elif edited == subject and value is not None:
                changed[key] = value
        return changed

    def imagines(self, section: str) -> bool:
        """Whether the section is known unstored: its Pod is imagined, or it is edited."""
        return not self.stored or any(
            subject.startswith(f"{section}.") and subject != f"{section}.name"
            for subject, _ in self.edits
        )


class ImaginedFacts:
    """The Protocol `FactSource` with one Pod's facts as imagined, all others as stored."""

    def __init__(self, stored: StoredFacts, imagined: Imagined) -> None:
        self._stored = stored
        self._imagined = imagined

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod; the imagined one under its shown name, whatever the UID."""
        mine = self._imagined
        if (namespace, name) != (mine.shown_namespace, mine.shown_name):
            return self._stored.pod(namespace, name, uid)
        found = self.stored_pod()
        if isinstance(found, Unknown):
            return found
        kind = mine.named("pod.owner.kind", found.owner_kind)
        owner = mine.named("pod.owner.name", found.owner_name)
        return found.replace(
            namespace=namespace,
            name=name,
            labels=mine.edited("pod.label", found.labels),
            annotations=mine.edited("pod.annotation", found.annotations),
            owner_kind=kind,
            owner_name=owner,
            node_name=mine.named("node.name", found.node_name),
        )

    def stored_pod(self) -> PodFacts | Unknown:
        """The Pod before any edit."""
        mine = self._imagined
        if not mine.stored:
            return PodFacts(mine.namespace, mine.name, {}, {})
        return self._stored.pod(mine.namespace, mine.name, "")

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace; where it is imagined and not stored, it has its name alone."""
        found = self._stored.namespace(name)
        mine = self._imagined
        if name != mine.shown_namespace or not mine.imagines("namespace"):
            return found
        if isinstance(found, Unknown):
            found = NamespaceFacts(name, {NAMESPACE_LABEL: name}, {})
        return found.replace(
            labels=mine.edited("namespace.label", found.labels),
            annotations=mine.edited("namespace.annotation", found.annotations),
        )

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node; where it is imagined and not stored, it has no labels but edited ones."""
        found = self._stored.node(name)
        mine = self._imagined
        pod = self.pod(mine.shown_namespace, mine.shown_name, "")
        node = "" if isinstance(pod, Unknown) else pod.node_name
        if name != node or not mine.imagines("node"):
            return found
        if isinstance(found, Unknown):
            found = NodeFacts(name, {})
        return found.replace(labels=mine.edited("node.label", found.labels))


class ImaginedStore(Store):
    """A store whose facts are `ImaginedFacts`. Closing it closes the store behind it."""

    __slots__ = ("_imagined",)

    def __init__(self, store: Store, imagined: Imagined) -> None:
        super().__init__(store.database)
        self._imagined = imagined

    @property
    def facts(self) -> ImaginedFacts:  # type: ignore[override]
        """Facts, imagined where they were edited."""
        return ImaginedFacts(super().facts, self._imagined)

    @property
    def imagined(self) -> Imagined:
        """What is imagined."""
        return self._imagined
