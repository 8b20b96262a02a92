"""A Pod that stands in a box: the proof of what an analysis says, small enough to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts
from policy.labels import dns_label_problem
from policy.networks import DEFAULT_NETWORK, FIRST_NIC, NETWORKS
from policy.normal.answer import YES
from policy.normal.box import Box, satisfiable
from policy.normal.domains import NAMESPACE_NAME, OWNER_KIND, Place
from policy.normal.values import Values
from policy.objects import NAMESPACE_LABEL
from policy.wording import shown

_NAMES = {
    ("pod.name", ""): "witness",
    NAMESPACE_NAME: "default",
    ("node.name", ""): "any-node",
    ("nic.name", ""): FIRST_NIC,
    OWNER_KIND: "ReplicaSet",
}
_KEYED = ("pod.label", "pod.annotation", "namespace.label", "node.label")


@dataclass(frozen=True, slots=True)
class Witness:
    """A Pod on a node, and which of its interfaces is meant. `network` may be empty: none.

    `named` holds the places that the box asked something of; the rest is as ordinary as can be.
    """

    pod_name: str
    namespace: str
    node: str
    nic: str
    network: str
    family: int
    pod_labels: dict[str, str] = field(default_factory=dict)
    pod_annotations: dict[str, str] = field(default_factory=dict)
    namespace_labels: dict[str, str] = field(default_factory=dict)
    node_labels: dict[str, str] = field(default_factory=dict)
    owner_kind: str = ""
    owner_name: str = ""
    named: frozenset[Place] = frozenset()

    def annotations(self) -> dict[str, str]:
        """Those of the Pod, with the one that attaches the interface to its network."""
        if not self.network:
            return self.pod_annotations
        key = DEFAULT_NETWORK if self.nic == FIRST_NIC else NETWORKS
        return {key: _reference(self.network, self.nic), **self.pod_annotations}

    def facts(self) -> Facts:
        """What a decision would look at."""
        labels = {**self.namespace_labels, NAMESPACE_LABEL: self.namespace}
        return Facts(
            self.namespace,
            self.pod_name,
            self.node,
            self.nic,
            PodFacts(
                self.namespace,
                self.pod_name,
                self.pod_labels,
                self.annotations(),
                owner_kind=self.owner_kind,
                owner_name=self.owner_name,
                node_name=self.node,
            ),
            NamespaceFacts(self.namespace, labels, {}),
            NodeFacts(self.node, self.node_labels),
        )

    def manifests(self) -> list[dict[str, Any]]:
        """The Namespace, the Node and the Pod, ready to be written as YAML and applied."""
        metadata: dict[str, Any] = {"name": self.pod_name, "namespace": self.namespace}
        if self.pod_labels:
            metadata["labels"] = dict(self.pod_labels)
        if self.annotations():
            metadata["annotations"] = self.annotations()
        if self.owner_kind:
            owner = {"kind": self.owner_kind, "name": self.owner_name, "controller": True}
            metadata["ownerReferences"] = [owner]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}
        pod["spec"] = {"nodeName": self.node}
        return [
            _plain("Namespace", self.namespace, self.namespace_labels),
            _plain("Node", self.node, self.node_labels),
            pod,
        ]

    def text(self) -> str:
        """The Pod in one line, with what matters alone: `a Pod with the label app=web`."""
        parts = [
            _labels("", "label", self.pod_labels),
            _labels("", "annotation", self.pod_annotations),
            self._named("pod.name", f"named {shown(self.pod_name)}"),
            f"owned by {self.owner_kind} {shown(self.owner_name)}" if self.owner_kind else "",
            self._place("namespace", self.namespace, self.namespace_labels),
            self._place("node", self.node, self.node_labels),
            self._named("nic.name", f"by its interface {shown(self.nic)}"),
            f"on the network {shown(self.network)}" if self.network else "",
        ]
        said = ", ".join(part for part in parts if part)
        return f"a Pod {said}" if said else "any Pod"

    def _named(self, subject: str, text: str) -> str:
        return text if (subject, "") in self.named else ""

    def _place(self, what: str, name: str, labels: dict[str, str]) -> str:
        """`in the namespace x with the label a=b`, or empty where it does not matter."""
        word = "on" if what == "node" else "in"
        own = _labels("", "label", labels)
        if (f"{what}.name", "") in self.named:
            return f"{word} the {what} {shown(name)}" + (f" {own}" if own else "")
        return f"{word} a {what} {own}" if own else ""


def witness_of(box: Box) -> Witness | None:
    """A Pod that stands in the box; None where there is none, or where none is known.

    It has nothing that the box does not ask for; of finite sets it has the first text.
    """
    if satisfiable(box) is not YES:
        return None
    keyed: dict[str, dict[str, str]] = {subject: {} for subject in _KEYED}
    single: dict[str, str] = {}
    for place, values in sorted(box.values.items()):
        text = None if values.absent else _chosen(place, values)
        if text is not None and place[0] in _KEYED:
            keyed[place[0]][place[1]] = text
        elif text is not None:
            single[place[0]] = text
    owner = "pod.owner.kind" in single or "pod.owner.name" in single
    return Witness(
        pod_name=single.get("pod.name", "witness"),
        namespace=single.get("namespace.name", "default"),
        node=single.get("node.name", "any-node"),
        nic=single.get("nic.name", FIRST_NIC),
        network=single.get("nic.network", ""),
        family=int(single.get("ip.family", "4")),
        pod_labels=keyed["pod.label"],
        pod_annotations=keyed["pod.annotation"],
        namespace_labels=keyed["namespace.label"],
        node_labels=keyed["node.label"],
        owner_kind=single.get("pod.owner.kind", "ReplicaSet") if owner else "",
        owner_name=single.get("pod.owner.name", "any") if owner else "",
        named=frozenset(box.values),
    )


def _chosen(place: Place, values: Values) -> str | None:
    """A usual value where there is one, else the first of the set."""
    usual = _NAMES.get(place)
    return usual if usual is not None and values.has(usual) else values.some(place)


def _labels(before: str, what: str, labels: dict[str, str]) -> str:
    if not labels:
        return ""
    pairs = ", ".join(shown(f"{key}={value}") for key, value in labels.items())
    return f"{before}with the {what}{'' if len(labels) == 1 else 's'} {pairs}"


def _reference(network: str, nic: str) -> str:
    """The network in the form of Multus' annotations, naming the interface if it is no first one.

    The short form takes no dots (which a namespace cannot have, and a name can).
    """
    namespace, _, name = network.partition("/")
    if not dns_label_problem(name) and nic == FIRST_NIC:
        return network
    if not dns_label_problem(name):
        return f"{network}@{nic}"
    interface = "" if nic == FIRST_NIC else f', "interface": "{nic}"'
    return f'[{{"namespace": "{namespace}", "name": "{name}"{interface}}}]'


def _plain(kind: str, name: str, labels: dict[str, str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if labels:
        metadata["labels"] = dict(labels)
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}
