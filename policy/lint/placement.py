"""On which Nodes Pods may run, as the scheduler would see it; sets of Nodes are bits of a number.

Read are nodeName, nodeSelector, required node affinity, taints and `unschedulable`. What else the
scheduler looks at (room, spreading, affinity between Pods) depends on the hour.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from model.naming import natural_key
from model.pools import ObjectRecord
from policy.lint.cluster import pod_spec_of

_TEMPORARY = "node.kubernetes.io/"  # the taints that come and go, which a DaemonSet tolerates
_UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
_TAINTED = ("NoSchedule", "NoExecute")


class Placement:
    """The Nodes in natural order of name: Node number n is the bit n."""

    def __init__(self, nodes: Iterable[ObjectRecord]) -> None:
        self._records = sorted(nodes, key=lambda record: natural_key(record.name))
        self.names = [record.name for record in self._records]
        self.bits = {name: 1 << place for place, name in enumerate(self.names)}
        self.everywhere = (1 << len(self.names)) - 1
        self._found: dict[str, int] = {}

    def where(self, record: ObjectRecord) -> int:
        """The Nodes where the Pod, or those of the workload, may run."""
        spec = pod_spec_of(record)
        name = spec.get("nodeName")
        if name:
            return self.bits.get(str(name), 0)
        parts = [spec.get("nodeSelector"), _required(spec), spec.get("tolerations")]
        daemons = record.kind == "DaemonSet"
        key = json.dumps([*parts, daemons], sort_keys=True, default=str)
        if key not in self._found:
            fits = (node for node in self._records if _fits(node, spec, daemons=daemons))
            self._found[key] = sum(self.bits[node.name] for node in fits)
        return self._found[key]

    def listed(self, nodes: int) -> list[str]:
        """The names of a set."""
        return [name for name, bit in self.bits.items() if nodes & bit]


def _fits(node: ObjectRecord, spec: Mapping[str, Any], *, daemons: bool) -> bool:
    labels: Any = node.facts["labels"]
    wanted = _mapping(spec.get("nodeSelector"))
    terms = _required(spec)
    return (
        all(labels.get(key) == value for key, value in wanted.items())
        and (terms is None or any(_matches(_mapping(term), labels, node.name) for term in terms))
        and all(_tolerated(taint, spec, daemons=daemons) for taint in _taints(node))
    )


def _required(spec: Mapping[str, Any]) -> list[Any] | None:
    """The terms of the node affinity that must hold, one of them at least; None: there is none."""
    affinity = _mapping(_mapping(spec.get("affinity")).get("nodeAffinity"))
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return None if required is None else _list(_mapping(required).get("nodeSelectorTerms"))


def _matches(term: Mapping[str, Any], labels: Mapping[str, str], name: str) -> bool:
    """Whether all requirements of a term hold; one without any selects nothing."""
    asked = [(labels, one) for one in _list(term.get("matchExpressions"))]
    asked += [({"metadata.name": name}, one) for one in _list(term.get("matchFields"))]
    return bool(asked) and all(_holds(_mapping(one), values) for values, one in asked)


def _holds(requirement: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(str(requirement.get("key")))
    values = _list(requirement.get("values"))
    operator = requirement.get("operator")
    if operator in ("Gt", "Lt"):
        return _ordered(operator, value, values)
    verdicts = {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    return verdicts.get(str(operator), False)


def _ordered(operator: str, value: str | None, values: Sequence[Any]) -> bool:
    try:
        left, right = int(value or ""), int(str(values[0]))
    except (ValueError, IndexError):
        return False
    return left > right if operator == "Gt" else left < right


def _taints(node: ObjectRecord) -> list[Mapping[str, Any]]:
    """The taints that keep Pods away."""
    spec = _mapping(node.manifest.get("spec"))
    taints = [_mapping(taint) for taint in _list(spec.get("taints"))]
    cordoned = [_UNSCHEDULABLE] if spec.get("unschedulable") is True else []
    return [taint for taint in (*taints, *cordoned) if taint.get("effect") in _TAINTED]


def _tolerated(taint: Mapping[str, Any], spec: Mapping[str, Any], *, daemons: bool) -> bool:
    if daemons and str(taint.get("key")).startswith(_TEMPORARY):
        return True
    return any(_tolerates(_mapping(one), taint) for one in _list(spec.get("tolerations")))


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    key, effect = toleration.get("key"), toleration.get("effect")
    if (effect and effect != taint.get("effect")) or (key and key != taint.get("key")):
        return False
    if toleration.get("operator") == "Exists":
        return True
    return bool(key) and (toleration.get("value") or "") == (taint.get("value") or "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
