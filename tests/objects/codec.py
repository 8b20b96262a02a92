"""Records as JSON values and back, whatever fields they have.

Lease(4, ...)      {"@": "Lease", "family": 4, ...}
(1, 2)             [1, 2]
{"spec": {}}       {"@": "", "value": {"spec": {}}}      mappings stay as they are, lists included
b"\\1"             {"@": "bytes", "hex": "01"}
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from json import loads
from typing import Any

from model.record import Record


def plain(value: object) -> Any:
    """JSON values that `record` reads."""
    if isinstance(value, Record):
        fields = zip(type(value).__slots__, value.fields(), strict=True)
        return {"@": type(value).__name__, **{name: plain(field) for name, field in fields}}
    if isinstance(value, Mapping):
        return {"@": "", "value": dict(value)}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return {"@": "bytes", "hex": value.hex()} if isinstance(value, bytes) else value


def record(value: Any) -> Any:
    """What `plain` wrote; sequences come back as tuples."""
    if isinstance(value, list):
        return tuple(record(one) for one in value)
    if not isinstance(value, dict):
        return value
    if not value["@"]:
        return value["value"]
    if value["@"] == "bytes":
        return bytes.fromhex(value["hex"])
    fields = {name: record(field) for name, field in value.items() if name != "@"}
    return _class_named(value["@"])(**fields)


@lru_cache(maxsize=5000)
def record_of(text: str) -> Any:
    """The record in the body of an object; records never change, so one may serve many."""
    return record(loads(text)["value"])


@cache
def _class_named(name: str) -> type[Record]:
    (found,) = (
        one
        for one in Record.__subclasses__()
        if one.__name__ == name and one.__module__.startswith(("model.", "tests.objects."))
    )
    return found
