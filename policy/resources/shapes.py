"""The building blocks of all shapes: strict, and named as Kubernetes names its fields.

Strict means that nothing is converted: a number is no text, as for the API server. A `Closed` shape
refuses fields it does not know; an `Open` one ignores them.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Closed(BaseModel):
    """A shape whose every field is known."""

    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)


class Open(BaseModel):
    """A shape of which only the fields we read are known."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel)


class SelectorRequirement(Closed):
    """One of `matchExpressions`."""

    key: str
    operator: str
    values: list[str] | None = None


class LabelSelector(Closed):
    """A Kubernetes label selector; both parts must hold, and an absent part always does."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[SelectorRequirement] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it has no requirement at all, and so selects everything."""
        return not self.match_labels and not self.match_expressions

    def to_json(self) -> dict[str, Any]:
        """The selector as JSON, without absent parts."""
        return self.model_dump(by_alias=True, exclude_none=True)


class OwnerReference(Open):
    """One of `metadata.ownerReferences`."""

    kind: str
    name: str
    controller: bool | None = None


class Metadata(Open):
    """What we read of any object's metadata."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None
    deletion_timestamp: str | None = None


class SpiderMetadata(Closed):
    """The metadata of a Spider object. What a server writes is known, and not kept."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: Any = None
    deletion_timestamp: Any = None
    deletion_grace_period_seconds: Any = None
    creation_timestamp: Any = None
    finalizers: Any = None
    generation: Any = None
    managed_fields: Any = None
    resource_version: Any = None
    self_link: Any = None
