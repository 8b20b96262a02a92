"""Objects that are no pools: checked, and turned into what the store keeps and decisions read."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from model.errors import ManifestError
from model.facts import BEING_DELETED, NamespaceFacts, NodeFacts, PodFacts
from model.facts_json import namespace_to_json, node_to_json, pod_to_json
from model.pools import ObjectRecord
from policy.documents import Document
from policy.reserved import Reserved, validate_reserved
from policy.resources.core import Job, Pod, Workload
from policy.resources.kinds import Kind
from policy.resources.metadata import DEFAULT_NAMESPACE, validate_metadata
from policy.resources.shapes import Metadata, SpiderMetadata
from policy.resources.spider import SpiderReservedIP
from policy.resources.workload_rules import validate_pod_spec, validate_workload
from policy.settings import AuthoringSettings

NAMESPACE_LABEL = "kubernetes.io/metadata.name"


def object_record(
    document: Document, kind: Kind, shape: BaseModel, settings: AuthoringSettings
) -> ObjectRecord | list[ManifestError]:
    """The object ready for a store, or everything wrong with it. Not for SpiderIPPool."""
    metadata = shape.metadata  # type: ignore[attr-defined]
    errors = list(validate_metadata(document, kind, metadata))
    if isinstance(shape, SpiderReservedIP):
        reserved = validate_reserved(document, shape, settings)
        if errors or isinstance(reserved, list):
            return errors + (reserved if isinstance(reserved, list) else [])
        return _reserved_record(kind, shape.metadata, reserved)
    if isinstance(shape, Pod):
        errors.extend(validate_pod_spec(document, ("spec",), shape.spec))
    elif isinstance(shape, Workload | Job):
        errors.extend(validate_workload(document, shape))
    if errors:
        return errors
    return ObjectRecord(
        kind.name,
        namespace_of(kind, metadata),
        metadata.name or "",
        _manifest(document, kind, metadata),
        _facts(kind, shape, metadata),
        uid=metadata.uid or "",
    )


def _facts(kind: Kind, shape: BaseModel, metadata: Metadata) -> dict[str, object]:
    """What decisions read of the object, as JSON; nothing for the kinds they do not read."""
    name = metadata.name or ""
    if isinstance(shape, Pod):
        return pod_to_json(pod_facts(shape))
    if kind.name == "Namespace":
        labels = _namespace_labels(metadata)
        return namespace_to_json(NamespaceFacts(name, labels, metadata.annotations or {}))
    return node_to_json(NodeFacts(name, metadata.labels or {})) if kind.name == "Node" else {}


def _reserved_record(kind: Kind, metadata: SpiderMetadata, reserved: Reserved) -> ObjectRecord:
    manifest = {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": metadata.model_dump(
            include={"name", "labels", "annotations"}, exclude_none=True
        ),
        "spec": {"ipVersion": reserved.family, "ips": list(reserved.texts)},
    }
    return ObjectRecord(kind.name, "", metadata.name or "", manifest, reserved.facts())


def namespace_of(kind: Kind, metadata: Metadata | SpiderMetadata) -> str:
    """The namespace of the object: empty for kinds without, `default` where none is written."""
    return (metadata.namespace or DEFAULT_NAMESPACE) if kind.namespaced else ""


def pod_facts(pod: Pod) -> PodFacts:
    """A Pod as rules see it."""
    metadata = pod.metadata
    owners = [owner for owner in metadata.owner_references or () if owner.controller]
    return PodFacts(
        metadata.namespace or DEFAULT_NAMESPACE,
        metadata.name or "",
        metadata.labels or {},
        metadata.annotations or {},
        uid=metadata.uid or "",
        owner_kind=owners[0].kind if owners else "",
        owner_name=owners[0].name if owners else "",
        node_name=(pod.spec.node_name if pod.spec else None) or "",
        ended=ended_reason(pod),
        phase=(pod.status.phase if pod.status else None) or "",
    )


def ended_reason(pod: Pod) -> str:
    """Why the Pod gets no address any more, as Spiderpool judges it; empty for a live one.

    A Pod that has ended and is being deleted has ended: nothing of it uses its address.
    """
    policy = (pod.spec.restart_policy if pod.spec else None) or "Always"
    phase, reason = (pod.status.phase, pod.status.reason) if pod.status else (None, None)
    if phase == "Succeeded" and policy != "Always":
        return "it has succeeded"
    if phase == "Failed" and reason == "Evicted":
        return "it was evicted"
    if phase == "Failed" and policy == "Never":
        return "it has failed"
    return BEING_DELETED if pod.metadata.deletion_timestamp else ""


def _namespace_labels(metadata: Metadata) -> dict[str, str]:
    """The labels with the one that the API server sets on every Namespace."""
    return {**(metadata.labels or {}), NAMESPACE_LABEL: metadata.name or ""}


def _manifest(document: Document, kind: Kind, metadata: Metadata) -> dict[str, Any]:
    """The object as applied, with its defaults, and without `managedFields`."""
    written = {k: v for k, v in document.data["metadata"].items() if v is not None}
    written.pop("managedFields", None)
    if kind.namespaced:
        written["namespace"] = namespace_of(kind, metadata)
    if kind.name == "Namespace":
        written["labels"] = _namespace_labels(metadata)
    header = {"apiVersion": document.api_version, "kind": document.kind, "metadata": written}
    return {**header, **{k: v for k, v in document.data.items() if k not in header}}
