"""Pools that Spiderpool creates for one application (a SpiderSubnet's).

They bear a label of ours below, and their `podAffinity` describes a controller, not Pod labels:

    ipam.spidernet.io/app-kind: Deployment        the Pod's owner is a ReplicaSet
    ipam.spidernet.io/app-name: web               whose name begins with `web-`
    ipam.spidernet.io/app-namespace: shop         in this namespace

A Pod's facts name its immediate owner. That of a Deployment's Pod is a ReplicaSet, so a
Deployment `web` cannot be told from a Deployment `web-x` by name; the namespace and the pool
annotation still hold them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model.errors import ManifestError
from model.rules import Check
from policy.documents import Document
from policy.places import Path
from policy.resources.shapes import LabelSelector
from policy.wording import shown

_GROUP = "ipam.spidernet.io/"
_OWNER_LABEL = _GROUP + "owner-application-name"
_KEYS = tuple(
    _GROUP + "app-" + part for part in ("api-group", "api-version", "kind", "namespace", "name")
)
# A top controller whose Pods are owned by something it creates, named after it.
_BETWEEN = {"Deployment": "ReplicaSet", "CronJob": "Job"}
_FIELD = "podAffinity"
_GLOB_SIGNS = "*?[\\"  # no name has them, but a manifest may say anything


def is_auto_created(labels: Mapping[str, str] | None) -> bool:
    """Whether a pool with these labels was created for one application."""
    return _OWNER_LABEL in (labels or {})


def validate_auto_affinity(
    document: Document, path: Path, selector: LabelSelector
) -> Iterator[ManifestError]:
    """Everything wrong with the `podAffinity` of an auto-created pool."""
    for key in selector.match_labels or {}:
        if key not in _KEYS:
            message = f"{shown(key)} is not allowed in the podAffinity of an auto-created pool"
            hint = f"write only `{_GROUP}app-*` keys, or drop the label `{_OWNER_LABEL}`"
            here = (*path, "matchLabels", key)
            yield document.error("invalid-selector", here, message, hint, at_key=True)
    if selector.match_expressions:
        message = "an auto-created pool takes no `matchExpressions`"
        hint = f"write only `matchLabels`, or drop the label `{_OWNER_LABEL}`"
        yield document.error("invalid-selector", (*path, "matchExpressions"), message, hint)


def auto_checks(selector: LabelSelector) -> tuple[Check, ...]:
    """The checks of an auto-created pool; where one of the five keys is missing, none can hold."""
    labels = selector.match_labels or {}
    complete = all(key in labels for key in _KEYS)
    _, _, kind, namespace, name = (labels[key] if complete else "" for key in _KEYS)
    place: Check = (_FIELD, "namespace.name", "", "=", (namespace,))
    return (*_controller_checks(kind, name), place)


def _controller_checks(kind: str, name: str) -> tuple[Check, Check]:
    """What holds for the Pods of a top controller; a Pod without owner is its own."""
    if kind == "Pod":
        return (
            (_FIELD, "pod.owner.kind", "", "absent", ()),
            (_FIELD, "pod.name", "", "=", (name,)),
        )
    between = _BETWEEN.get(kind)
    if between:
        pattern = "".join(f"\\{c}" if c in _GLOB_SIGNS else c for c in name) + "-*"
        return (
            (_FIELD, "pod.owner.kind", "", "=", (between,)),
            (_FIELD, "pod.owner.name", "", "matches", (pattern,)),
        )
    return (
        (_FIELD, "pod.owner.kind", "", "=", (kind,)),
        (_FIELD, "pod.owner.name", "", "=", (name,)),
    )
