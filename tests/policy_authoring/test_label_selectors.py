"""Selectors agree with Kubernetes' own code on every recorded case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy.documents import Document, read_documents
from policy.evaluate import check_holds
from policy.resources.shapes import LabelSelector
from policy.selectors import selector_checks, validate_selector

CASES = Path(__file__).parent.parent / "cases" / "label-selectors.jsonl"
ROWS = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def document(selector: Any) -> Document:
    text = json.dumps({"apiVersion": "v1", "kind": "X", "selector": selector})
    documents, errors = read_documents(text, "f.json")
    assert not errors
    return documents[0]


def verdict(row: Any) -> tuple[bool, bool]:
    """(valid, match) as ours."""
    selector = LabelSelector.model_validate(row["selector"])
    if list(validate_selector(document(row["selector"]), ("selector",), selector)):
        return False, False
    checks = selector_checks("podAffinity", "pod.label", selector)
    return True, all(check_holds(check, row["labels"].get(check[2])) for check in checks)


def test_every_recorded_case_has_kubernetes_verdict() -> None:
    assert len(ROWS) == 3000
    assert {row["valid"] for row in ROWS} == {row["match"] for row in ROWS} == {True, False}
    wrong = [row for row in ROWS if verdict(row) != (row["valid"], row["match"])]
    assert wrong == []


def test_checks_stand_in_a_fixed_order_with_sorted_distinct_values() -> None:
    selector = LabelSelector.model_validate(
        {
            "matchLabels": {"b": "2", "a": "1"},
            "matchExpressions": [
                {"key": "z", "operator": "NotIn", "values": ["y", "x", "y"]},
                {"key": "c", "operator": "Exists"},
                {"key": "d", "operator": "DoesNotExist", "values": []},
                {"key": "e", "operator": "In", "values": ["one"]},
            ],
        }
    )
    assert selector_checks("nodeAffinity", "node.label", selector) == (
        ("nodeAffinity", "node.label", "a", "in", ("1",)),
        ("nodeAffinity", "node.label", "b", "in", ("2",)),
        ("nodeAffinity", "node.label", "z", "not in", ("x", "y")),
        ("nodeAffinity", "node.label", "c", "exists", ()),
        ("nodeAffinity", "node.label", "d", "absent", ()),
        ("nodeAffinity", "node.label", "e", "in", ("one",)),
    )


@pytest.mark.parametrize("selector", [{}, {"matchLabels": {}}, {"matchExpressions": None}])
def test_a_selector_without_requirements_has_no_checks(selector: Any) -> None:
    assert selector_checks("f", "pod.label", LabelSelector.model_validate(selector)) == ()
