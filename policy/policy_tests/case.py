"""A policy test that was read and makes sense: whom it asks about, and what it expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model.spans import Span

# Keys to values; None takes the key away.
Changes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Origin:
    """The Pod or workload of the manifests that the facts come from."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Stated:
    """The facts that a test states itself. Empty or None: as the manifests have it."""

    namespace: str = ""
    name: str = ""
    owner: tuple[str, str] | None = None
    labels: Changes = field(default_factory=dict)
    annotations: Changes = field(default_factory=dict)
    namespace_labels: Changes | None = None
    namespace_annotations: Changes | None = None
    node: str = ""
    node_labels: Changes | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out; None where the test does not say.

    `address` holds (family, first, last), ends inclusive; `filtered` and `refused` hold affinity
    fields or outcomes such as `disabled`. `spans` says where each of the keys is written.
    """

    pool: Sequence[str] | None = None
    pools: Sequence[str] | None = None
    address: Sequence[tuple[int, int, int]] | None = None
    filtered: Mapping[str, Sequence[str]] | None = None
    refused: Sequence[str] | None = None
    error: str | None = None
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One expected decision. `name` is `test` or `test / row`; `span` is where it stands."""

    name: str
    span: Span
    origin: Origin | None
    origin_span: Span
    stated: Stated
    nic: str
    cni_defaults: Mapping[int, Sequence[str]]
    expected: Expected


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one document.

    `manifests` are paths as written, with their places, or None for all beside the file.
    `settings` likewise have the place of each.
    """

    file: str
    name: str
    cases: Sequence[Case]
    manifests: Sequence[tuple[str, Span]] | None
    settings: Mapping[str, tuple[str, Span]]

    def title(self, case: Case) -> str:
        """`FILE: SUITE / TEST / ROW`, without the suite's name where it has none."""
        return f"{self.file}: {f'{self.name} / ' if self.name else ''}{case.name}"
