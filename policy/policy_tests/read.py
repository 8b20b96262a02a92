"""Files of policy tests to suites, with everything that is wrong with them.

A file may hold manifests beside its tests; those are not read here, but belong to its world.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from model.errors import ManifestError
from model.spans import Span
from policy.documents import Document, read_documents
from policy.places import Path
from policy.policy_tests.case import Case, Suite
from policy.policy_tests.expectations import expected_of
from policy.policy_tests.facts import ROOT_FIELDS, Layers, origin_of, stated_of
from policy.policy_tests.shapes import API_VERSION, KIND, CaseShape, FactsShape, PolicyTest
from policy.resources.read_shape import read_shape
from policy.wording import shown

GROUP = API_VERSION.partition("/")[0]
DEFAULT_NIC = "eth0"


def read_tests(data: bytes, file: str) -> tuple[list[Suite], list[ManifestError]]:
    """The suites of a file, and its errors in the order of lines; a broken test hides no other."""
    documents, errors = read_documents(data, file)
    suites = []
    ours = [d for d in documents if d.kind == KIND or d.api_version.partition("/")[0] == GROUP]
    if not ours and not errors:
        message, hint = "the file holds no PolicyTest", f"write `kind: {KIND}`, or rename the file"
        errors.append(ManifestError(message, hint, Span(file, 1, 1), "invalid-manifest"))
    for document in ours:
        suite, wrong = _suite(document)
        errors.extend(wrong)
        if suite is not None:
            suites.append(suite)
    errors.extend(_same_names(suites))
    errors.sort(key=lambda e: (e.span.line, e.span.column) if e.span else (0, 0))
    return suites, errors


def _suite(document: Document) -> tuple[Suite | None, list[ManifestError]]:
    wrong = list(_header(document))
    if wrong:
        return None, wrong
    shape, errors = read_shape(document, PolicyTest)
    if shape is None or errors:  # what a misspelt field says is unknown, so nothing follows from it
        return None, errors
    cases: list[Case] = []
    errors.extend(_empty(document, shape))
    for index, test in enumerate(shape.tests):
        for path, layers in _layers(test, ("tests", index)):
            found = _case(document, path, layers)
            if isinstance(found, Case):
                cases.append(found)
            else:
                errors.extend(found)
    manifests = None
    if shape.manifests is not None:
        places = enumerate(shape.manifests)
        manifests = [(text, document.span(("manifests", place))) for place, text in places]
    settings = {
        key: (value, document.span(("settings", key)))
        for key, value in (shape.settings or {}).items()
    }
    name = (shape.metadata.name if shape.metadata else None) or ""
    return Suite(document.file, name, cases, manifests, settings), errors


def _header(document: Document) -> Iterator[ManifestError]:
    for field, value, wanted in (
        ("apiVersion", document.api_version, API_VERSION),
        ("kind", document.kind, KIND),
    ):
        if value != wanted:
            message = f"`{field}` is {shown(value)}, which no policy test has"
            yield document.error("invalid-value", (field,), message, f"write `{field}: {wanted}`")


def _empty(document: Document, shape: PolicyTest) -> Iterator[ManifestError]:
    """An error for each list without tests: it would pass whatever the pools do."""
    lists: list[tuple[Path, list[Any] | None]] = [(("tests",), shape.tests)]
    lists += [(("tests", i, "rows"), test.rows) for i, test in enumerate(shape.tests)]
    for path, items in lists:
        if items == []:
            message = f"`{path[-1]}` is empty, so nothing is tested"
            hint = "write one with a `name:`, or leave it out"
            yield document.error("invalid-value", path, message, hint)


def _layers(test: CaseShape, path: Path) -> Iterator[tuple[Path, Layers]]:
    """The place of each case of a test, and what it is made of, the first going before."""
    if test.rows is None:
        yield path, Layers(test.name, ((path, test),))
        return
    for index, row in enumerate(test.rows):
        below = (*path, "rows", index)
        layers: tuple[tuple[Path, FactsShape], ...] = ((below, row), (path, test))
        yield below, Layers(f"{test.name} / {row.name}", layers)


def _case(document: Document, path: Path, layers: Layers) -> Case | list[ManifestError]:
    origin = origin_of(document, layers)
    expected = expected_of(document, layers)
    errors = [one for found in (origin, expected) if isinstance(found, list) for one in found]
    if origin is None and not layers.first("pod"):
        message = "the test names no Pod"
        hint = f"write `pod:` with its facts, or `{ROOT_FIELDS[0]}: Kind/name` of the manifests"
        errors.append(document.error("missing-field", (*path, "pod"), message, hint))
    if isinstance(origin, list) or isinstance(expected, list) or errors:
        return errors
    from_path = layers.place("from_")
    cni = layers.first("cni")
    defaults = {4: cni.default_ipv4_ippool, 6: cni.default_ipv6_ippool} if cni else {}
    return Case(
        layers.name,
        document.span((*path, "name")),
        origin,
        document.span((*(from_path or path), "from")),
        stated_of(layers),
        layers.first("nic") or DEFAULT_NIC,
        {family: names for family, names in defaults.items() if names},
        expected,
    )


def _same_names(suites: list[Suite]) -> Iterator[ManifestError]:
    """An error for each name that a file gives to two tests: results could not be told apart."""
    seen: dict[tuple[str, str], Case] = {}
    for suite in suites:
        for case in suite.cases:
            first = seen.setdefault((suite.name, case.name), case)
            if first is not case:
                yield ManifestError(
                    f"two tests are called {shown(case.name)}",
                    f"give one of them another name; the other is at {first.span}",
                    case.span,
                    "duplicate-object",
                )
