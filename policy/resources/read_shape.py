"""Documents to shapes, and pydantic's complaints to errors that a user of kubectl understands."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from model.errors import ManifestError
from policy.documents import Document
from policy.places import Path, path_text
from policy.wording import did_you_mean, found, listed, shown

Shape = TypeVar("Shape", bound=BaseModel)

# pydantic's error type -> what would have been right, how to write it
_WANTED = {
    "string_type": ("a text", ""),
    "int_type": ("a whole number", "write a number without quotes, such as `4`"),
    "int_from_float": ("a whole number", "write a number without a fraction, such as `4`"),
    "bool_type": ("true or false", "write `true` or `false` without quotes"),
    "list_type": ("a list", "write a list, one `- ` a line"),
    "dict_type": ("a mapping", "write `key: value` lines below it"),
    "model_type": ("a mapping", "write `key: value` lines below it"),
    "model_attributes_type": ("a mapping", "write `key: value` lines below it"),
}


def read_shape(document: Document, shape: type[Shape]) -> tuple[Shape | None, list[ManifestError]]:
    """The document as the shape, and everything that keeps it from being one.

    Where unknown fields are all that is wrong, both are given: the shape is then read without
    them, so that what else is wrong with the object can be found, too.
    """
    try:
        return shape.model_validate(document.data), []
    except ValidationError as error:
        complaints: list[Any] = error.errors(include_url=False, include_context=False)
    errors = [_translate(document, shape, complaint) for complaint in complaints]
    if any(complaint["type"] != "extra_forbidden" for complaint in complaints):
        return None, errors
    return shape.model_validate(_without(document.data, [c["loc"] for c in complaints])), errors


def _without(data: Any, paths: list[Path]) -> Any:
    """A copy of the data that lacks the fields at these paths."""
    rest = deepcopy(data)
    for path in paths:
        parent = rest
        for step in path[:-1]:
            parent = parent[step]
        del parent[path[-1]]
    return rest


def _translate(document: Document, shape: type[BaseModel], complaint: Any) -> ManifestError:
    path: Path = complaint["loc"]
    kind, value = complaint["type"], complaint["input"]
    if kind == "extra_forbidden":
        return _unknown_field(document, shape, path)
    if kind == "missing" or (value is None and kind in _WANTED and not isinstance(path[-1], int)):
        return _missing_field(document, path)
    field = path_text(path)
    if kind not in _WANTED:
        message = f"{shown(field)} is {found(value)}, which does not fit"
        return document.error("invalid-value", path, message, "see the CRD of this kind")
    wanted, hint = _WANTED[kind]
    written = document.place.find(path).text
    if kind == "string_type":
        hint = _text_hint(value, written)
    message = f"{shown(field)} is {found(value, written)}, not {wanted}"
    return document.error("wrong-type", path, message, hint)


def _text_hint(value: object, written: str | None) -> str:
    if isinstance(value, list | dict):
        return "write one text, and no list or mapping"
    if value is None:
        return "write a text, or leave the entry out"
    return f'put it in quotes: `"{value if written is None else written}"`'


def _missing_field(document: Document, path: Path) -> ManifestError:
    state = "null" if document.place.find(path[:-1]).inner(path[-1]) is not None else "missing"
    return document.error(
        "missing-field",
        path,
        f"{shown(path_text(path))} is {state}",
        f"write `{path[-1]}:` and its value",
    )


def _unknown_field(document: Document, shape: type[BaseModel], path: Path) -> ManifestError:
    known = _fields_at(shape, path[:-1])
    hint = (
        did_you_mean(str(path[-1]), known) or f"the fields here are {listed(sorted(known), 'and')}"
    )
    message = f"unknown field {shown(path_text(path))}"
    return document.error("unknown-field", path, message, hint, at_key=True)


def _fields_at(shape: type[BaseModel], path: Path) -> list[str]:
    """The names of the fields of the shape that stands at `path` below `shape`."""
    for step in path:
        if isinstance(step, str):
            shape = _inner_shape(shape, step)
    return [field.alias or name for name, field in shape.model_fields.items()]


def _inner_shape(shape: type[BaseModel], name: str) -> type[BaseModel]:
    for field in shape.model_fields.values():
        if field.alias == name:
            return _shape_in(field.annotation) or shape
    return shape


def _shape_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = (_shape_in(part) for part in getattr(annotation, "__args__", ()))
    return next((part for part in parts if part is not None), None)
