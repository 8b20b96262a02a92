"""Who may use a pool and which pool comes first, read off the YAML in the plainest way.

Written from the documentation of Spiderpool's affinity fields and of Kubernetes' label selectors
alone; nothing of the program is imported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

FIRST_NIC = "eth0"
ORDER = (
    "podAffinity",
    "nodeName",
    "nodeAffinity",
    "namespaceName",
    "namespaceAffinity",
    "multusName",
)


def admits(spec: Mapping[str, Any], family: int, verdicts: Mapping[str, bool]) -> bool:
    """Whether the pool is enabled, of the family, and every field that filters lets the Pod in."""
    if spec.get("disable"):
        return False
    if (6 if ":" in spec["subnet"] else 4) != family:
        return False
    return all(verdicts.values())


def judged(
    spec: Mapping[str, Any],
    pod: Mapping[str, Any],
    node: Mapping[str, Any],
    namespace: Mapping[str, Any],
    network: str | None,
) -> dict[str, bool]:
    """Each affinity field that filters, and whether it lets the Pod in.

    A list of names that has entries takes the place of the selector beside it.
    """
    verdicts = {}
    if spec.get("nodeName"):
        verdicts["nodeName"] = node["metadata"]["name"] in spec["nodeName"]
    elif spec.get("nodeAffinity") is not None:
        verdicts["nodeAffinity"] = selects(spec["nodeAffinity"], labels_of(node))
    if spec.get("namespaceName"):
        verdicts["namespaceName"] = namespace["metadata"]["name"] in spec["namespaceName"]
    elif spec.get("namespaceAffinity") is not None:
        verdicts["namespaceAffinity"] = selects(spec["namespaceAffinity"], labels_of(namespace))
    if spec.get("podAffinity") is not None:
        verdicts["podAffinity"] = selects(spec["podAffinity"], labels_of(pod))
    if spec.get("multusName"):
        named = [name if "/" in name else f"kube-system/{name}" for name in spec["multusName"]]
        verdicts["multusName"] = network in named
    return verdicts


def labels_of(thing: Mapping[str, Any]) -> dict[str, str]:
    """The labels; a Namespace always bears its name as one."""
    labels = dict(thing["metadata"].get("labels") or {})
    if thing["kind"] == "Namespace":
        labels["kubernetes.io/metadata.name"] = thing["metadata"]["name"]
    return labels


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Kubernetes: all of matchLabels and all of matchExpressions; none given selects all."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if key not in labels or labels[key] != value:
            return False
    for wanted in selector.get("matchExpressions") or []:
        key, operator, values = wanted["key"], wanted["operator"], wanted.get("values") or []
        if operator == "In" and (key not in labels or labels[key] not in values):
            return False
        if operator == "NotIn" and key in labels and labels[key] in values:
            return False
        if operator == "Exists" and key not in labels:
            return False
        if operator == "DoesNotExist" and key in labels:
            return False
    return True


def network_of(pod: Mapping[str, Any], nic: str, cluster_network: str) -> str | None:
    """`namespace/name` of the interface's network, by Multus' annotations; None for none."""
    annotations = pod["metadata"].get("annotations") or {}
    if nic == FIRST_NIC:
        text = annotations.get("v1.multus-cni.io/default-network", cluster_network)
        entries, default = _entries(text), "kube-system"
        return _full(entries[0], default) if entries else None
    entries = _entries(annotations.get("k8s.v1.cni.cncf.io/networks", ""))
    for place, entry in enumerate(entries, 1):
        if (entry[2] or f"net{place}") == nic:
            return _full(entry, pod["metadata"]["namespace"])
    return None


def _full(entry: tuple[str, str, str], default: str) -> str:
    return f"{entry[0] or default}/{entry[1]}"


def _entries(text: str) -> list[tuple[str, str, str]]:
    """(namespace, name, interface) of each entry of `[ns/]name[@if],...` or of a JSON list."""
    if text.startswith("["):
        return [
            (entry.get("namespace", ""), entry["name"], entry.get("interface", ""))
            for entry in json.loads(text)
        ]
    entries = []
    for part in text.split(","):
        if part.strip():
            place, _, interface = part.strip().partition("@")
            namespace, _, name = place.rpartition("/")
            entries.append((namespace, name, interface))
    return entries


def comes_before(
    left: Mapping[str, Any], right: Mapping[str, Any], places: Mapping[str, int] | None
) -> bool:
    """Whether one pool is tried before another; `places` of the written list, None if there is none."""
    for field in ORDER:
        here, there = _present(left, field), _present(right, field)
        if here != there:
            return here
    if _priority(left) != _priority(right):
        return _priority(left) > _priority(right)
    name, other = left["metadata"]["name"], right["metadata"]["name"]
    if places is not None:
        return places[name] < places[other]
    return natural(name) < natural(other)


def _present(pool: Mapping[str, Any], field: str) -> bool:
    """A list is there if it has entries; a selector is there if it is written, even empty."""
    value = pool["spec"].get(field)
    return value is not None if field.endswith("Affinity") else bool(value)


def _priority(pool: Mapping[str, Any]) -> int:
    annotations = pool["metadata"].get("annotations") or {}
    return int(annotations.get("poolweaver.io/priority", "0"))


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """A sort key: digits by number and before letters; names that read the same then, by their text."""
    parts = [part for part in re.split(r"([0-9]+)", name) if part]
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts], name
