"""Everything known of the cluster in one place, found out once however many rules ask."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from model.facts import NamespaceFacts, NodeFacts, PodFacts
from model.facts_json import namespace_from_json, node_from_json, pod_from_json
from model.intervals import Intervals, subtract, union
from model.pools import ObjectRecord
from policy.documents import Document
from policy.lint.world import WorldPool
from policy.load import Key
from policy.settings import AuthoringSettings

HOSTNAME = ("node.label", "kubernetes.io/hostname")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


class Cluster:
    """What the source of a world and the linted manifests say together.

    `records` are all objects by (kind, namespace, name), `documents` the places of those that have
    some, `pools` all pools by name.
    """

    def __init__(
        self,
        records: Mapping[Key, ObjectRecord],
        documents: Mapping[Key, Document],
        pools: Mapping[str, WorldPool],
        settings: AuthoringSettings,
        cluster_network: str,
    ) -> None:
        self.records = records
        self.documents = documents
        self.pools = pools
        self.settings = settings
        self.cluster_network = cluster_network

    def of(self, *kinds: str) -> list[ObjectRecord]:
        """All objects of these kinds."""
        return [record for key, record in self.records.items() if key[0] in kinds]

    @cached_property
    def nodes(self) -> dict[str, NodeFacts]:
        """The Nodes by name."""
        return {record.name: node_from_json(record.facts) for record in self.of("Node")}

    @cached_property
    def hosts(self) -> set[str]:
        """The host names of the Nodes: as labels say, and their own names."""
        labels = (node.labels.get(HOSTNAME[1]) for node in self.nodes.values())
        return {*self.nodes, *(name for name in labels if name)}

    @cached_property
    def namespaces(self) -> dict[str, NamespaceFacts]:
        """The Namespaces by name."""
        found = self.of("Namespace")
        return {record.name: namespace_from_json(record.facts) for record in found}

    @cached_property
    def live_pods(self) -> list[tuple[ObjectRecord, PodFacts]]:
        """The Pods that have not ended, in the network of their own, not in that of their Node."""
        found = ((record, pod_from_json(record.facts)) for record in self.of("Pod"))
        return [
            (record, pod)
            for record, pod in found
            if not pod.ended and not on_host_network(record.manifest)
        ]

    @cached_property
    def networks(self) -> set[str]:
        """The NetworkAttachmentDefinitions as `namespace/name`."""
        found = self.of("NetworkAttachmentDefinition")
        return {f"{record.namespace}/{record.name}" for record in found}

    @cached_property
    def label_keys(self) -> dict[str, set[str]]:
        """The keys of all labels of Nodes, Namespaces and Pods, templates of Pods included."""
        nodes = (node.labels for node in self.nodes.values())
        namespaces = (namespace.labels for namespace in self.namespaces.values())
        pods = [record.facts["labels"] for record in self.of("Pod")]
        templates = [template_of(record).get("metadata") or {} for record in self.of(*WORKLOADS)]
        labels: Any = [*pods, *(metadata.get("labels") or {} for metadata in templates)]
        return {
            "Node": set().union(*nodes),
            "Namespace": set().union(*namespaces),
            "Pod": set().union(*labels),
        }

    @cached_property
    def reserved(self) -> dict[int, Intervals]:
        """The addresses that are never handed out, by family."""
        found: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for record in self.of("SpiderReservedIP"):
            facts: Any = record.facts
            found[facts["family"]] += [(int(a), int(b)) for a, b in facts["ranges"]]
        return {family: union(ranges) for family, ranges in found.items()}

    def usable(self, pool: WorldPool) -> Intervals:
        """The addresses of a pool that may be handed out at all."""
        return subtract(pool.addresses, self.reserved[pool.rules.family])


def template_of(record: ObjectRecord) -> dict[str, Any]:
    """`spec.template` of a workload, as written."""
    spec: Any = record.manifest["spec"]
    template: dict[str, Any] = spec["template"]
    return template


def pod_spec_of(record: ObjectRecord) -> dict[str, Any]:
    """The specification of a Pod, or of those that a workload makes; it may be empty."""
    manifest: Any = record.manifest
    owner = manifest if record.kind == "Pod" else template_of(record)
    spec: dict[str, Any] = owner.get("spec") or {}
    return spec


def on_host_network(manifest: Mapping[str, Any]) -> bool:
    """Whether a Pod has its Node's addresses, and so asks for none."""
    return (manifest.get("spec") or {}).get("hostNetwork") is True
