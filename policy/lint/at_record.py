"""Findings about objects that need not have a place: what is known from a store alone has none."""

from __future__ import annotations

from model.pools import ObjectRecord
from model.spans import Span
from policy.lint.cluster import Cluster
from policy.lint.finding import Finding, Related
from policy.lint.rule import Rule
from policy.places import Path, path_text

STORE = Span("store", 1, 1)


def at_record(
    rule: Rule,
    cluster: Cluster,
    record: ObjectRecord,
    path: Path,
    told: tuple[str, str],
    about: str = "",
    related: tuple[Related, ...] = (),
) -> Finding:
    """A finding about a field of an object; `told` is message and hint. `STORE` is no file."""
    document = cluster.documents.get((record.kind, record.namespace, record.name))
    message, hint = told
    if document is not None:
        return rule.at(document, path, message, hint, about=about, related=related)
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=message,
        hint=hint,
        span=STORE,
        object=f"{record.kind}/{record.namespace}/{record.name}",
        field=path_text(path),
        about=about,
        related=related,
    )
