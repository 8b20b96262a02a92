"""Facts as a policy test states them, over those of the manifests."""

from __future__ import annotations

from collections.abc import Mapping

from model.facts import NamespaceFacts, NodeFacts, PodFacts, Unknown
from policy.objects import NAMESPACE_LABEL
from policy.policy_tests.case import Case, Changes
from policy.resources.metadata import DEFAULT_NAMESPACE
from store.database import Database
from store.facts import StoredFacts
from store.store import Store

HOSTNAME_LABEL = "kubernetes.io/hostname"
DEFAULT_NAME = "pod"


def pod_of(case: Case, origin: PodFacts | None) -> PodFacts:
    """The Pod of a case: that of the manifests, changed as the case states, or the case's own."""
    stated = case.stated
    pod = origin or PodFacts(DEFAULT_NAMESPACE, DEFAULT_NAME, {}, {})
    owner_kind, owner_name = stated.owner or (pod.owner_kind, pod.owner_name)
    return pod.replace(
        namespace=stated.namespace or pod.namespace,
        name=stated.name or pod.name,
        labels=_changed(pod.labels, stated.labels),
        annotations=_changed(pod.annotations, stated.annotations),
        owner_kind=owner_kind,
        owner_name=owner_name,
        node_name=stated.node or pod.node_name,
    )


def _changed(values: Mapping[str, str], changes: Changes | None) -> dict[str, str]:
    merged = {**values, **(changes or {})}
    return {key: value for key, value in merged.items() if value is not None}


class StatedFacts(StoredFacts):
    """The facts of one case. What it states is known, whatever the manifests hold.

    Of a Pod that the case states itself, so is the Namespace: without a manifest, it has what every
    cluster gives it and nothing else.
    """

    __slots__ = ("_case", "_pod", "_stored")

    def __init__(self, stored: StoredFacts, case: Case, pod: PodFacts) -> None:
        self._stored = stored
        self._case = case
        self._pod = pod

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod of the case; of any other, what the manifests hold."""
        if (namespace, name) == (self._pod.namespace, self._pod.name):
            return self._pod
        return self._stored.pod(namespace, name, uid)

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace of the case, with what the case states of it."""
        known = self._stored.namespace(name)
        stated = self._case.stated
        if name != self._pod.namespace:
            return known
        if isinstance(known, Unknown):
            if self._case.origin is not None and stated.namespace_labels is None:
                return known
            known = NamespaceFacts(name, {NAMESPACE_LABEL: name}, {})
        return known.replace(
            labels=_changed(known.labels, stated.namespace_labels),
            annotations=_changed(known.annotations, stated.namespace_annotations),
        )

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node of the case, with the labels that the case states."""
        known = self._stored.node(name)
        if name != self._case.stated.node:
            return known
        if isinstance(known, Unknown):
            known = NodeFacts(name, {HOSTNAME_LABEL: name})
        return known.replace(labels=_changed(known.labels, self._case.stated.node_labels))


class StatedStore(Store):
    """A store whose facts are those of a case."""

    __slots__ = ("_facts",)

    def __init__(self, database: Database, facts: StatedFacts) -> None:
        super().__init__(database)
        self._facts = facts

    @property
    def facts(self) -> StatedFacts:
        """The facts of the case."""
        return self._facts
