"""What the API server says of workloads and Pod templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model.errors import ManifestError
from policy.documents import Document
from policy.evaluate import check_holds
from policy.places import Path, path_text
from policy.resources.core import Job, PodSpec, PodTemplate, Workload
from policy.resources.metadata import validate_annotations, validate_labels
from policy.resources.shapes import LabelSelector
from policy.selectors import selector_checks, validate_selector
from policy.wording import shown


def validate_workload(document: Document, workload: Workload | Job) -> Iterator[ManifestError]:
    """Everything wrong with the counts, the selector and the template of a workload."""
    for path, count in _counts(workload):
        yield from _count(document, ("spec", *path), count)
    yield from _template(document, ("spec", "template"), workload.spec.template)
    if isinstance(workload, Workload):
        yield from _selector(document, workload.spec.selector, workload.spec.template)


def _counts(workload: Workload | Job) -> Iterator[tuple[Path, int | None]]:
    if isinstance(workload, Job):
        yield ("completions",), workload.spec.completions
        yield ("parallelism",), workload.spec.parallelism
    else:
        ordinals = workload.spec.ordinals
        yield ("replicas",), workload.spec.replicas
        yield ("ordinals", "start"), ordinals.start if ordinals else None


def validate_pod_spec(
    document: Document, path: Path, spec: PodSpec | None
) -> Iterator[ManifestError]:
    """Everything wrong with what decides the node of a Pod."""
    if spec is not None:
        yield from validate_labels(document, (*path, "nodeSelector"), spec.node_selector)


def _count(document: Document, path: Path, count: int | None) -> Iterator[ManifestError]:
    if count is not None and count < 0:
        message = f"{shown(path_text(path))} is {count}, less than nothing"
        yield document.error("invalid-value", path, message, "write 0 or more")


def _template(document: Document, path: Path, template: PodTemplate) -> Iterator[ManifestError]:
    metadata = (*path, "metadata")
    if template.metadata is not None:
        labels, annotations = template.metadata.labels, template.metadata.annotations
        yield from validate_labels(document, (*metadata, "labels"), labels)
        yield from validate_annotations(document, (*metadata, "annotations"), annotations)
    yield from validate_pod_spec(document, (*path, "spec"), template.spec)


def _selector(
    document: Document, selector: LabelSelector, template: PodTemplate
) -> Iterator[ManifestError]:
    path: Path = ("spec", "selector")
    wrong = list(validate_selector(document, path, selector))
    yield from wrong
    if selector.is_empty:
        message = "`spec.selector` is empty"
        hint = "write `matchLabels:` with labels of the template"
        yield document.error("empty-selector", path, message, hint)
        return
    labels = (template.metadata.labels if template.metadata else None) or {}
    if not wrong and not selects(selector, labels):
        yield document.error(
            "invalid-selector",
            ("spec", "template", "metadata", "labels"),
            "`spec.selector` does not match the labels of the template",
            "give the template every label that the selector asks for",
        )


def selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether a valid selector matches these labels."""
    checks = selector_checks("selector", "pod.label", selector)
    return all(check_holds(check, labels.get(check[2])) for check in checks)
