"""The JSON Schemas of docs/schema are those of the shapes. POOLWEAVER_UPDATE_DOCS=1 writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from policy.policy_tests.shapes import PolicyTest
from policy.resources.kinds import KINDS
from policy.schemas import schemas
from tests.docs.console import ROOT
from tests.docs.test_console import UPDATE

FOLDER = ROOT / "docs" / "schema"
EXAMPLES = sorted((ROOT / "examples").rglob("*.test.yaml"))


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_that_of_the_shapes(name: str) -> None:
    text = json.dumps(schemas()[name], indent=2) + "\n"
    if UPDATE:
        (FOLDER / name).write_text(text, encoding="utf-8")
    assert (FOLDER / name).read_text(encoding="utf-8") == text


def test_no_other_schema_is_published() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(schemas())


@pytest.mark.parametrize("name", schemas())
def test_every_reference_leads_to_a_definition_and_every_definition_is_reached(name: str) -> None:
    schema = schemas()[name]
    assert {f"#/$defs/{model}" for model in schema["$defs"]} == set(references(schema))


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for item in value for one in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return [*own, *(one for item in value.values() for one in references(item))]


def test_the_schema_of_manifests_has_every_kind_that_is_read() -> None:
    schema = schemas()["manifests.json"]
    assert [branch["if"]["properties"]["kind"]["const"] for branch in schema["allOf"]] == list(
        KINDS
    )
    for kind in KINDS.values():
        own = schema["$defs"][f"kind{kind.name}"]
        assert own["properties"]["apiVersion"] == {"const": kind.api_version}
        assert own["properties"]["kind"] == {"const": kind.name}


def test_a_spider_kind_takes_no_unknown_field_and_a_core_kind_any() -> None:
    definitions = schemas()["manifests.json"]["$defs"]
    assert definitions["kindSpiderIPPool"]["additionalProperties"] is False
    assert definitions["PoolSpecShape"]["additionalProperties"] is False
    assert definitions["kindPod"].get("additionalProperties", True) is True


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_names_the_schema_and_has_fields_that_it_knows(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    head = "# yaml-language-server: $schema="
    named = text.partition(head)[2].partition("\n")[0]
    assert (path.parent / named).resolve() == FOLDER / "policy-test.json"
    assert PolicyTest.model_validate(yaml.safe_load(text)).tests
