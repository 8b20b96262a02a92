"""Facts as plain JSON values and back: what `ObjectRecord.facts` holds.

    Pod        {"namespace", "name", "uid", "labels", "annotations",
                "ownerKind", "ownerName", "nodeName", "ended", "phase"}
    Namespace  {"name", "labels", "annotations"}
    Node       {"name", "labels"}

Where a section was seen is no part of it: the store knows that of the whole object.
"""

from __future__ import annotations

from model.facts import NamespaceFacts, NodeFacts, PodFacts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from model.facts import Seen


def pod_to_json(pod: PodFacts) -> dict[str, object]:
    """The JSON values of a Pod's facts, `seen` left out."""
    return {
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "labels": dict(pod.labels),
        "annotations": dict(pod.annotations),
        "ownerKind": pod.owner_kind,
        "ownerName": pod.owner_name,
        "nodeName": pod.node_name,
        "ended": pod.ended,
        "phase": pod.phase,
    }


def pod_from_json(value: Mapping[str, Any], seen: Seen | None = None) -> PodFacts:
    """The Pod that `pod_to_json` wrote."""
    return PodFacts(
        value["namespace"],
        value["name"],
        value["labels"],
        value["annotations"],
        value["uid"],
        value["ownerKind"],
        value["ownerName"],
        value["nodeName"],
        value["ended"],
        seen,
        value["phase"],
    )


def namespace_to_json(namespace: NamespaceFacts) -> dict[str, object]:
    """The JSON values of a Namespace's facts, `seen` left out."""
    return {
        "name": namespace.name,
        "labels": dict(namespace.labels),
        "annotations": dict(namespace.annotations),
    }


def namespace_from_json(value: Mapping[str, Any], seen: Seen | None = None) -> NamespaceFacts:
    """The Namespace that `namespace_to_json` wrote."""
    return NamespaceFacts(value["name"], value["labels"], value["annotations"], seen)


def node_to_json(node: NodeFacts) -> dict[str, object]:
    """The JSON values of a Node's facts, `seen` left out."""
    return {"name": node.name, "labels": dict(node.labels)}


def node_from_json(value: Mapping[str, Any], seen: Seen | None = None) -> NodeFacts:
    """The Node that `node_to_json` wrote."""
    return NodeFacts(value["name"], value["labels"], seen)
