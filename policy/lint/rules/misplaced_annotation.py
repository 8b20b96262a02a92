"""`misplaced-annotation`: an annotation on an object for which nobody reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.annotations import PREFIX as OURS
from policy.documents import Document
from policy.lint.finding import WARNING, Finding
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.networks import DEFAULT_NETWORK, NETWORKS
from policy.pool_annotations import IPPOOL, IPPOOLS, NAMESPACE_KEYS
from policy.wording import shown

_OF_PODS = (IPPOOL, IPPOOLS, "ipam.spidernet.io/routes", DEFAULT_NETWORK, NETWORKS)
_OF_NAMESPACES = tuple(NAMESPACE_KEYS.values())
_TEMPLATE = ("spec", "template", "metadata", "annotations")
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


def _find(linted: Linted) -> Iterator[Finding]:
    for document in linted.loaded.documents.values():
        for key in _annotations(document, ("metadata", "annotations")):
            told = _told(document, key)
            if told:
                message = f"nobody reads {shown(key)} on a {document.kind}: it {told[0]}"
                path = ("metadata", "annotations", key)
                yield RULE.at(document, path, message, told[1], about=key, at_key=True)


def _told(document: Document, key: str) -> tuple[str, str] | None:
    """(where the annotation is read, what to do), or None where it may well stand."""
    kind = document.kind
    if key in _OF_PODS and kind in _WORKLOADS:
        if key in _annotations(document, _TEMPLATE):
            return None
        return "is read on Pods", "move it to `spec.template.metadata.annotations`"
    if key in _OF_PODS and kind != "Pod":
        return "is read on Pods", "move it to the Pod, or to the template of its workload"
    if key in _OF_NAMESPACES and kind != "Namespace":
        return "is read on Namespaces", f"move it to the Namespace, or name pools with `{IPPOOL}`"
    if key.startswith(OURS) and kind != "SpiderIPPool":
        return "is read on pools", "move it to the SpiderIPPool"
    return None


def _annotations(document: Document, path: tuple[str, ...]) -> dict[str, Any]:
    found: Any = document.data
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


RULE = Rule(
    "misplaced-annotation",
    WARNING,
    "an annotation on an object for which nobody reads it",
    _find,
)
