"""JSON Schemas of what people write, so that editors complete and check it: docs/schema/.

They are made from the shapes that the files are read with. What a schema cannot say (ranges,
selectors, names) only the commands check.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from policy.policy_tests.shapes import API_VERSION, KIND, PolicyTest
from policy.resources.kinds import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFINITIONS = "#/$defs/{model}"


def schemas() -> dict[str, dict[str, Any]]:
    """File name to schema: one for policy tests, one for manifests of every kind that is read."""
    return {"policy-test.json": policy_test_schema(), "manifests.json": manifests_schema()}


def policy_test_schema() -> dict[str, Any]:
    """The schema of a PolicyTest."""
    schema, definitions = _schema_of(PolicyTest, API_VERSION, KIND)
    return {"$schema": DIALECT, **schema, "$defs": definitions}


def manifests_schema() -> dict[str, Any]:
    """The schema of any manifest that is read; objects of other kinds are as they are."""
    definitions: dict[str, Any] = {}
    branches = []
    for kind in KINDS.values():
        schema, below = _schema_of(kind.shape, kind.api_version, kind.name)
        definitions.update(below)
        name = f"kind{kind.name}"
        definitions[name] = schema
        branches.append(
            {
                "if": {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]},
                "then": {"$ref": DEFINITIONS.format(model=name)},
            }
        )
    return {
        "$schema": DIALECT,
        "title": "Manifests that Poolweaver reads",
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string", "examples": list(KINDS)},
        },
        "required": ["apiVersion", "kind"],
        "allOf": branches,
        "$defs": dict(sorted(definitions.items())),
    }


def _schema_of(
    shape: type[BaseModel], api_version: str, kind: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of one kind without its definitions, and those."""
    schema = shape.model_json_schema(by_alias=True, ref_template=DEFINITIONS)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    header = {"apiVersion": {"const": api_version}, "kind": {"const": kind}}
    schema["title"] = kind
    schema["properties"] = {**schema["properties"], **header}
    schema["required"] = [*header, *(n for n in schema["required"] if n not in header)]
    return schema, definitions
