"""Everything that a command was given, read, checked and compiled; or all of its errors.

files ─ documents ─ shapes ─ checks ┬─ PoolRecord     SpiderIPPool
                                    ├─ ObjectRecord   the other kinds that are read
                                    └─ Skipped        every other kind
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from model.errors import InvalidManifestsError, ManifestError
from model.pools import ObjectRecord, PoolRecord
from model.spans import Span
from policy.compile import pool_record
from policy.documents import Document, read_documents
from policy.objects import namespace_of, object_record
from policy.pool_spec import PoolSpec
from policy.resources.kinds import Kind, kind_of
from policy.resources.read_shape import read_shape
from policy.resources.spider import SpiderIPPool
from policy.settings import AuthoringSettings
from policy.validate import validate_pool
from policy.wording import shown

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Skipped:
    """An object of a kind that is not read."""

    kind: str
    api_version: str
    document: Document

    @property
    def span(self) -> Span:
        """Where the object stands."""
        return self.document.span()


@dataclass(slots=True)
class Loaded:
    """What was loaded, in the order it was given.

    `specs` holds the valid pools by name, which know their places; `documents` all objects that
    were read, by (kind, namespace or empty, name).
    """

    pools: list[PoolRecord] = field(default_factory=list)
    objects: list[ObjectRecord] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    specs: dict[str, PoolSpec] = field(default_factory=dict)
    documents: dict[Key, Document] = field(default_factory=dict)

    def skipped_counts(self) -> dict[str, int]:
        """How many objects of each kind were skipped, by kind."""
        counts: dict[str, int] = {}
        for skipped in sorted(self.skipped, key=lambda one: one.kind):
            counts[skipped.kind] = counts.get(skipped.kind, 0) + 1
        return counts


def load(texts: Iterable[tuple[str, bytes]], settings: AuthoringSettings) -> Loaded:
    """All the (file name, content) pairs; `InvalidManifestsError` with every error there is.

    Errors stand in the order of files, then of lines.
    """
    loaded, errors = load_valid(texts, settings)
    if errors:
        raise InvalidManifestsError(errors)
    return loaded


def load_valid(
    texts: Iterable[tuple[str, bytes]], settings: AuthoringSettings
) -> tuple[Loaded, list[ManifestError]]:
    """What is valid of the (file name, content) pairs, and what is wrong with the rest of it."""
    loaded, errors = read_valid(texts, settings)
    namespace = settings.install_namespace
    loaded.pools = [pool_record(pool, namespace) for pool in loaded.specs.values()]
    return loaded, errors


def read_valid(
    texts: Iterable[tuple[str, bytes]], settings: AuthoringSettings
) -> tuple[Loaded, list[ManifestError]]:
    """`load_valid` without compiling: `pools` stays empty, `specs` has them all."""
    loaded = Loaded()
    errors: list[ManifestError] = []
    for file, data in texts:
        documents, file_errors = read_documents(data, file)
        for document in documents:
            file_errors.extend(_load_one(document, settings, loaded))
        file_errors.sort(key=_place)
        errors.extend(file_errors)
    return loaded, errors


def _place(error: ManifestError) -> tuple[int, int]:
    return (error.span.line, error.span.column) if error.span else (0, 0)


def _load_one(
    document: Document, settings: AuthoringSettings, loaded: Loaded
) -> list[ManifestError]:
    """Add one object to what is loaded, or give back what is wrong with it."""
    try:
        kind = kind_of(document)
    except ManifestError as error:
        return [error]
    if kind is None:
        loaded.skipped.append(Skipped(document.kind, document.api_version, document))
        return []
    shape, errors = read_shape(document, kind.shape)
    if shape is None:
        return errors
    errors += _register(document, kind, shape, loaded)
    if isinstance(shape, SpiderIPPool):
        return errors + _load_pool(document, shape, settings, loaded, valid=not errors)
    record = object_record(document, kind, shape, settings)
    if isinstance(record, list):
        return errors + record
    if not errors:
        loaded.objects.append(record)
    return errors


def _load_pool(
    document: Document,
    shape: SpiderIPPool,
    settings: AuthoringSettings,
    loaded: Loaded,
    *,
    valid: bool,
) -> list[ManifestError]:
    """Add the pool if nothing is wrong with it, or give back what is; `valid`: nothing so far."""
    pool = validate_pool(document, shape, settings)
    if isinstance(pool, list):
        return pool
    if valid:
        loaded.specs[pool.name] = pool
    return []


def _register(document: Document, kind: Kind, shape: Any, loaded: Loaded) -> list[ManifestError]:
    """Note where the object stands; an error if the same one came before."""
    key = (kind.name, namespace_of(kind, shape.metadata), shape.metadata.name or "")
    other = loaded.documents.setdefault(key, document)
    if other is document or not key[2]:
        return []
    path = ("metadata", "name")
    name = f"{key[1]}/{key[2]}" if key[1] else key[2]
    message = f"{kind.name} {shown(name)} is given twice"
    hint = f"keep one of them; the other is at {other.span(path)}"
    return [document.error("duplicate-object", path, message, hint)]
