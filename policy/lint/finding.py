"""What a rule found: data, apart from how it is shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from model.spans import Span
from policy.documents import Document
from policy.normal.witness import Witness
from policy.places import Path

ERROR: Final = "error"
WARNING: Final = "warning"
INFO: Final = "info"
SEVERITIES = (ERROR, WARNING, INFO)  # the gravest first

# The value of an edit that takes its field, or its entry of a list, away.
REMOVE: Final = object()


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that has to do with the finding, and what it is there for."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a document: the value at `path` becomes `value`, or goes (`REMOVE`).

    What a path names and is missing or null is added, mappings on the way included; an index behind
    the end of a list appends to it.
    """

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of one document that together end the finding; paths count before all of them.

    `cuts` are comments of its file that go.
    """

    title: str
    document: Document = field(repr=False, compare=False)
    edits: tuple[Edit, ...]
    cuts: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake at one place.

    `object` is `Kind/name`, or `Kind/namespace/name`, or the file where no object can be named.
    `field` is the path of the field as Kubernetes writes it. `about` tells apart findings of one
    rule at one field, such as the name of the other pool. What is one line long: `message` (what
    is so) and `hint` (what to do). `witness` proves it, where a Pod can.
    """

    rule: str
    severity: str
    message: str
    hint: str
    span: Span
    object: str
    field: str
    about: str = ""
    related: tuple[Related, ...] = ()
    witness: Witness | None = None
    fixes: tuple[Fix, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same as long as rule, object and field are, wherever the lines go."""
        parts = (self.rule, self.object, self.field, self.about)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
