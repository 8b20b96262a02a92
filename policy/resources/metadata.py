"""What the API server says of any object's metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model.errors import ManifestError
from policy.documents import Document
from policy.labels import (
    DNS_LABEL_HINT,
    LABEL_KEY_HINT,
    LABEL_VALUE_HINT,
    SUBDOMAIN_HINT,
    dns_label_problem,
    label_key_problem,
    label_value_problem,
    subdomain_problem,
)
from policy.places import Path
from policy.resources.kinds import Kind
from policy.resources.shapes import Metadata, SpiderMetadata
from policy.wording import shown

DEFAULT_NAMESPACE = "default"
_MOST_ANNOTATION_BYTES = 256 * 1024


def validate_metadata(
    document: Document, kind: Kind, metadata: Metadata | SpiderMetadata
) -> Iterator[ManifestError]:
    """Everything wrong with name, namespace, labels and annotations."""
    yield from _name(document, kind, metadata)
    if kind.namespaced and metadata.namespace:
        problem = dns_label_problem(metadata.namespace)
        if problem:
            yield document.error(
                "invalid-name",
                ("metadata", "namespace"),
                f"the namespace {shown(metadata.namespace)} {problem}",
                DNS_LABEL_HINT,
            )
    yield from validate_labels(document, ("metadata", "labels"), metadata.labels)
    yield from validate_annotations(document, ("metadata", "annotations"), metadata.annotations)


def _name(
    document: Document, kind: Kind, metadata: Metadata | SpiderMetadata
) -> Iterator[ManifestError]:
    path = ("metadata", "name")
    name = metadata.name
    if not name and metadata.generate_name:
        yield document.error(
            "missing-field",
            ("metadata", "generateName"),
            "the name is left to the server by `generateName`",
            "write `metadata.name`; names must be known here",
        )
    elif not name:
        hint = "write `name:` below `metadata:`"
        yield document.error("missing-field", path, "`metadata.name` is missing", hint)
    elif kind.name == "Namespace" and dns_label_problem(name):
        message = f"the name {shown(name)} {dns_label_problem(name)}"
        yield document.error("invalid-name", path, message, DNS_LABEL_HINT)
    elif subdomain_problem(name):
        message = f"the name {shown(name)} {subdomain_problem(name)}"
        yield document.error("invalid-name", path, message, SUBDOMAIN_HINT)


def validate_labels(
    document: Document, path: Path, labels: Mapping[str, str] | None
) -> Iterator[ManifestError]:
    """Everything wrong with the labels at `path`."""
    for key, value in (labels or {}).items():
        problem = label_key_problem(key)
        if problem:
            message = f"the label key {shown(key)} {problem}"
            yield document.error(
                "invalid-label", (*path, key), message, LABEL_KEY_HINT, at_key=True
            )
        problem = label_value_problem(value)
        if problem:
            message = f"the label value {shown(value)} {problem}"
            yield document.error("invalid-label", (*path, key), message, LABEL_VALUE_HINT)


def validate_annotations(
    document: Document, path: Path, annotations: Mapping[str, str] | None
) -> Iterator[ManifestError]:
    """Everything wrong with the annotations at `path`, whatever they mean."""
    size = 0
    for key, value in (annotations or {}).items():
        size += len(key.encode()) + len(value.encode())
        problem = label_key_problem(key.lower())
        if problem:
            message = f"the annotation key {shown(key)} {problem}"
            yield document.error(
                "invalid-annotation", (*path, key), message, LABEL_KEY_HINT, at_key=True
            )
    if size > _MOST_ANNOTATION_BYTES:
        message = f"the annotations hold {size} bytes, more than {_MOST_ANNOTATION_BYTES}"
        hint = "the API server takes no more; leave some out"
        yield document.error("invalid-annotation", path, message, hint)
