"""Whom a policy test asks about: a test and its row, laid over one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model.errors import ManifestError
from policy.documents import Document
from policy.places import Path
from policy.policy_tests.case import Changes, Origin, Stated
from policy.policy_tests.shapes import FactsShape
from policy.resources.metadata import DEFAULT_NAMESPACE
from policy.wording import did_you_mean, listed, shown

KINDS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
ROOT_FIELDS = ("from", "pod")


@dataclass(frozen=True, slots=True)
class Layers:
    """What a case is made of, with the places: its row, which goes before, and its test."""

    name: str
    layers: Sequence[tuple[Path, FactsShape]]

    def place(self, field: str) -> Path | None:
        """The place of the layer that the field is taken from; None where none has it."""
        return next((path for path, one in self.layers if getattr(one, field) is not None), None)

    def first(self, field: str) -> Any:
        """The field of the first layer that has it, or None."""
        values = (getattr(one, field) for _, one in self.layers)
        return next((value for value in values if value is not None), None)

    def inner(self, field: str, name: str) -> Any:
        """`name` of `field` of the first layer that has it, or None."""
        parts = (getattr(one, field) for _, one in self.layers)
        values = (getattr(part, name) for part in parts if part is not None)
        return next((value for value in values if value is not None), None)

    def merged(self, field: str, name: str) -> Changes:
        """The mapping `name` of `field`, key by key of the first layer that has it."""
        keys: dict[str, str | None] = {}
        for _, one in reversed(self.layers):
            part = getattr(one, field)
            keys.update((getattr(part, name) or {}) if part is not None else {})
        return keys


def stated_of(layers: Layers) -> Stated:
    """The facts that the test and its row state. A row's `node` replaces that of the test."""
    owner, node = layers.inner("pod", "owner"), layers.first("node")
    has_namespace = layers.first("namespace") is not None
    return Stated(
        layers.inner("pod", "namespace") or "",
        layers.inner("pod", "name") or "",
        (owner.kind, owner.name) if owner else None,
        layers.merged("pod", "labels"),
        layers.merged("pod", "annotations"),
        layers.merged("namespace", "labels") if has_namespace else None,
        layers.merged("namespace", "annotations") if has_namespace else None,
        node.name if node else "",
        (node.labels or {}) if node else None,
    )


def origin_of(document: Document, layers: Layers) -> Origin | list[ManifestError] | None:
    """Where the facts come from, None for a Pod that the test states; a list of what is wrong."""
    text: str | None = layers.first("from_")
    place = layers.place("from_")
    if text is None or place is None:
        return None
    path = (*place, "from")
    kind, *names = text.split("/")
    if kind not in KINDS:
        message = f"{shown(text)} begins with no kind that makes a Pod"
        hint = (
            did_you_mean(kind, KINDS) or f"write `Kind/name`, the kind one of {listed(KINDS, 'or')}"
        )
        return [document.error("invalid-value", path, message, hint)]
    if len(names) not in (1, 2) or not all(names):
        message = f"{shown(text)} does not name one object"
        hint = f"write `{kind}/NAME` or `{kind}/NAMESPACE/NAME`"
        return [document.error("invalid-value", path, message, hint)]
    return Origin(kind, names[0] if len(names) == 2 else DEFAULT_NAMESPACE, names[-1])
