"""Files to documents: plain data of one object each, with the place of every field.

    bytes ── text_input ── yaml_trees ── Document, Document, ...

Nothing here knows what a pool is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from model.errors import ManifestError
from model.spans import Span
from policy.places import Path, Place, path_text
from policy.text_input import cut_documents, cut_json_values, read_text
from policy.wording import found
from policy.written_texts import WrittenText
from policy.yaml_errors import syntax_error
from policy.yaml_trees import Allowance, Tree, TreeError, read_trees

# Of one file; what comes behind them is not read, so that no file takes all memory or time.
MOST_DOCUMENTS = 250_000
MOST_ERRORS = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a manifest: plain data, and where each of its fields stands.

    `api_version` and `kind` are those of the object, taken from its list where only that has them.
    `text` is what its places count in: the object's YAML, and that of its neighbours.
    """

    data: dict[str, Any]
    place: Place
    file: str
    first_line: int
    api_version: str
    kind: str
    text: str

    def span(self, path: Path = ()) -> Span:
        """Where the value at `path` stands; of a missing field, where its parent stands."""
        return self.place.find(path).span(self.file, self.first_line)

    def key_span(self, path: Path) -> Span:
        """Where the last key of `path` stands."""
        return self.place.find_key(path).span(self.file, self.first_line)

    def written_text(self, path: Path, text: str) -> WrittenText:
        """The places of the characters of `text`, which is the value at `path`."""
        place = self.place.find(path)
        return WrittenText(text, place, self.text, self.file, self.first_line)

    def error(
        self, code: str, path: Path, message: str, hint: str, *, at_key: bool = False
    ) -> ManifestError:
        """An error about the field at `path`, with its place."""
        span = self.key_span(path) if at_key else self.span(path)
        return ManifestError(message, hint, span, code, path_text(path), self.title)

    @property
    def title(self) -> str:
        """`Kind/name` or `Kind/namespace/name` as written; empty for an object without a name."""
        data: Any = self.data  # which may be no object at all
        metadata = data.get("metadata") if isinstance(data, dict) else None
        if not isinstance(metadata, dict) or not metadata.get("name"):
            return ""
        parts = (self.kind, metadata.get("namespace"), metadata["name"])
        return "/".join(str(part) for part in parts if part)


def read_documents(data: str | bytes, file: str) -> tuple[list[Document], list[ManifestError]]:
    """All objects of a file, lists unwrapped, and everything wrong with the file, in order.

    A broken document does not hide the others. Empty documents are skipped. Any bytes at all give
    documents or errors, never another exception.
    """
    documents: list[Document] = []
    errors: list[ManifestError] = []
    try:
        text = read_text(data, file)
    except ManifestError as error:
        return [], [error]
    allowance = Allowance()
    for count, (first_line, piece) in enumerate(cut_documents(text)):
        if count >= MOST_DOCUMENTS or len(errors) >= MOST_ERRORS or not allowance.left:
            errors.append(_too_much(file, first_line, count, len(errors)))
            break
        for line, found_tree in _trees(piece, file, first_line, allowance):
            if len(errors) >= MOST_ERRORS:
                return documents, [*errors, _too_much(file, line, count, len(errors))]
            if isinstance(found_tree, ManifestError):
                errors.append(found_tree)
            else:
                _unwrap(found_tree, file, line, documents, errors)
    return documents, errors


def _too_much(file: str, line: int, documents: int, errors: int) -> ManifestError:
    """What says that the rest of the file was not read, since what came before was enough."""
    if errors >= MOST_ERRORS:
        message, hint = f"{errors} errors stand before this line", "is this a manifest at all?"
    elif documents >= MOST_DOCUMENTS:
        message, hint = f"{documents} documents stand before this line", "split the file"
    else:
        message, hint = "too much stands before this line", "split the file"
    told = f"{message}; the rest of the file was not read"
    return ManifestError(told, hint, Span(file, line, 1), "manifest-unreadable")


def _trees(
    piece: str, file: str, first_line: int, allowance: Allowance
) -> Iterator[tuple[int, Tree | ManifestError]]:
    """(the line in which its text starts, tree) of each tree of a piece of text.

    Instead of a tree, the error that ends it, if one does.
    """
    trees: list[Tree | ManifestError] = []
    try:
        trees.extend(read_trees(piece, allowance))
    except TreeError as error:
        trees.append(_tree_error(error, file, first_line))
    except yaml.YAMLError as error:
        values = cut_json_values(piece, MOST_DOCUMENTS) if piece.lstrip().startswith("{") else []
        if values:
            return (
                found_tree
                for lines, value in values
                for found_tree in _trees(value, file, first_line + lines, allowance)
            )
        trees.append(syntax_error(error, piece, file, first_line))
    return ((first_line, tree) for tree in trees)


def _tree_error(error: TreeError, file: str, first_line: int) -> ManifestError:
    hint = error.hint.replace("{line}", str(error.other_line + first_line))
    span = error.place.span(file, first_line)
    return ManifestError(error.message, hint, span, "manifest-syntax")


def _unwrap(
    tree: Tree, file: str, first_line: int, documents: list[Document], errors: list[ManifestError]
) -> None:
    errors.extend(_tree_error(error, file, first_line) for error in tree.errors)
    if tree.data is not None:
        document = Document(tree.data, tree.place, file, first_line, "", "", tree.text)
        _add(document, documents, errors)


def _add(document: Document, documents: list[Document], errors: list[ManifestError]) -> None:
    """Add the object, or every object of the list it is."""
    try:
        document = _with_kind(document)
    except ManifestError as error:
        errors.append(error)
        return
    if not _is_list(document):
        documents.append(document)
        return
    items = document.data["items"] or []
    if not isinstance(items, list):
        message = f"`items` is {found(items)}, not a list"
        errors.append(document.error("wrong-type", ("items",), message, "write a list"))
        return
    kind = document.kind.removesuffix("List")
    api_version = document.api_version if kind else ""
    for index, item in enumerate(items):
        place = document.place.find(("items", index))
        inner = replace(document, data=item, place=place, api_version=api_version, kind=kind)
        _add(inner, documents, errors)


def _is_list(document: Document) -> bool:
    return document.kind.endswith("List") and "items" in document.data


def _with_kind(document: Document) -> Document:
    """The document with its own apiVersion and kind; `ManifestError` where they are missing."""
    data = document.data
    if not isinstance(data, dict):
        raise document.error(
            "invalid-manifest",
            (),
            f"this is {found(data)}, not a Kubernetes object",
            "begin with `apiVersion:` and `kind:`; separate documents with `---`",
        )
    return replace(
        document,
        api_version=_header(document, "apiVersion", document.api_version),
        kind=_header(document, "kind", document.kind),
    )


def _header(document: Document, field: str, inherited: str) -> str:
    value = document.data.get(field)
    if value is None and inherited:
        return inherited
    if value is None or value == "":
        raise document.error(
            "missing-field", (field,), f"`{field}` is missing", f"write `{field}:` at the top"
        )
    if not isinstance(value, str):
        raise document.error(
            "wrong-type", (field,), f"`{field}` is {found(value)}, not a text", "put it in quotes"
        )
    return value
