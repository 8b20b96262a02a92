"""Facts as plain JSON values and back: what `ObjectRecord.facts` holds.

    Pod        {"namespace", "name", "uid", "labels", "annotations",
                "ownerKind", "ownerName", "nodeName", "ended", "phase"}
    Namespace  {"name", "labels", "annotations"}
    Node       {"name", "labels"}

Where a section was seen is no part of it: the store knows that of the whole object.

All facts of a decision, as it is kept: names, settings, and the sections with `seen`, or `unknown`
where they were not known.

    Facts      {"podNamespace", "podName", "nodeName", "nic", "clusterNetwork", "installNamespace",
                "pod", "namespace", "node"}
    seen       {"revision", "source", "atSeconds"}
    unknown    {"what", "reason", "hint"}
"""

from __future__ import annotations

from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts, Seen, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


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


def facts_to_json(facts: Facts) -> dict[str, object]:
    """The JSON values of all facts of a decision, with where each section was seen."""
    return {
        "podNamespace": facts.pod_namespace,
        "podName": facts.pod_name,
        "nodeName": facts.node_name,
        "nic": facts.nic,
        "clusterNetwork": facts.cluster_network,
        "installNamespace": facts.install_namespace,
        "pod": _section(facts.pod, pod_to_json),
        "namespace": _section(facts.namespace, namespace_to_json),
        "node": _section(facts.node, node_to_json),
    }


def facts_from_json(value: Mapping[str, Any]) -> Facts:
    """The facts that `facts_to_json` wrote; `KeyError` or `TypeError` for other JSON."""
    return Facts(
        value["podNamespace"],
        value["podName"],
        value["nodeName"],
        value["nic"],
        _known(value["pod"], pod_from_json),
        _known(value["namespace"], namespace_from_json),
        _known(value["node"], node_from_json),
        value["clusterNetwork"],
        value["installNamespace"],
    )


def _section(section: Any, to_json: Callable[[Any], dict[str, object]]) -> dict[str, object]:
    if isinstance(section, Unknown):
        return {"unknown": {"what": section.what, "reason": section.reason, "hint": section.hint}}
    value = to_json(section)
    if section.seen is not None:
        seen: Seen = section.seen
        value["seen"] = {
            "revision": seen.revision,
            "source": seen.source,
            "atSeconds": seen.at_seconds,
        }
    return value


def _known(value: Mapping[str, Any], from_json: Callable[..., Any]) -> Any:
    if "unknown" in value:
        unknown = value["unknown"]
        return Unknown(unknown["what"], unknown["reason"], unknown["hint"])
    seen = value.get("seen")
    return from_json(
        value, Seen(seen["revision"], seen["source"], seen["atSeconds"]) if seen else None
    )
