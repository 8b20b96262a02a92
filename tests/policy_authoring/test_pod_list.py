"""A file that is to be the list of all Pods: what is taken for one, and why anything else is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from model.errors import ManifestError
from policy.pod_list import read_pod_list

HOW = "give all that `kubectl get pods -A -o json` prints"


def pod(name: str, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "uid": f"u-{name}"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, **more}


def of(*items: Any, **more: Any) -> dict[str, Any]:
    metadata = {"resourceVersion": "", **more}
    return {"apiVersion": "v1", "kind": "List", "metadata": metadata, "items": list(items)}


FULL = of(
    pod("a", status={"phase": "Running", "startTime": "2024-01-01T00:00:00Z"}),
    pod("b", "db", spec={"nodeName": "n1"}, status={"phase": "Failed", "reason": "Evicted"}),
)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(FULL),
        json.dumps(FULL, indent=4),
        yaml.safe_dump(FULL),
        "---\n" + json.dumps(FULL),
    ],
)
def test_json_and_yaml_give_the_same_pods(text: str) -> None:
    first, second = read_pod_list(text.encode(), "pods")
    assert (first.namespace, first.name, first.uid, first.phase) == ("shop", "a", "u-a", "Running")
    assert (second.namespace, second.node_name, second.ended) == ("db", "n1", "it was evicted")


def test_a_pod_list_of_the_api_has_items_without_kind() -> None:
    item = {"metadata": {"name": "a", "namespace": "shop"}}
    document = {"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": [item]}
    assert [one.name for one in read_pod_list(json.dumps(document).encode(), "pods")] == ["a"]


def test_other_kinds_in_the_list_are_passed_over() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    assert [one.name for one in read_pod_list(json.dumps(of(service, pod("a"))).encode(), "p")] == [
        "a"
    ]


@pytest.mark.parametrize("items", ["[]", "null"])
def test_an_empty_list_is_a_list(items: str) -> None:
    assert read_pod_list(f'{{"kind": "List", "items": {items}}}'.encode(), "pods") == []


PARTIAL = f"{HOW}; what the API gives with `limit` is only a part"
REFUSED = [
    ("a single Pod", pod("a"), "this is a Pod, not a List of all Pods", HOW, "incomplete-list"),
    ("another list", {"kind": "NodeList", "items": []}, "this is a NodeList, not a List of all Pods", HOW, "incomplete-list"),
    ("no kind", {"items": []}, "this is an object without a kind, not a List of all Pods", HOW, "incomplete-list"),
    ("a bare list", [pod("a")], "this is a list, not a List of all Pods", HOW, "incomplete-list"),
    ("a page", of(pod("a"), **{"continue": "x"}), "the list goes on elsewhere: it has `metadata.continue`", PARTIAL, "incomplete-list"),
    ("a page with a count", of(pod("a"), remainingItemCount=7), "the list goes on elsewhere: it has `metadata.remainingItemCount`", PARTIAL, "incomplete-list"),
    ("no items", {"kind": "List"}, "`items` is missing", HOW, "incomplete-list"),
    ("items of another form", {"kind": "List", "items": {}}, "`items` is a mapping, not a list", HOW, "incomplete-list"),
    ("an item of another form", of("a"), "`items[0]` is the text `a`, not an object", HOW, "incomplete-list"),
    ("an item without a name", of({"kind": "Pod", "metadata": {}}), "`items[0].metadata.name` is missing", HOW, "missing-field"),
    ("an item without metadata", of({"kind": "Pod"}), "`items[0].metadata` is missing, or not what a Pod has there", HOW, "wrong-type"),
    ("a Pod that is given twice", of(pod("a"), pod("a")), "Pod `shop/a` is given twice", HOW, "duplicate-object"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "message", "hint", "code"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
@pytest.mark.parametrize("form", [json.dumps, yaml.safe_dump])
def test_what_is_not_all_pods_is_refused(
    document: Any, message: str, hint: str, code: str, form: Any
) -> None:
    if isinstance(document, list) and form is yaml.safe_dump:
        document = document[:]
    assert refusal(form(document)) == (code, message, hint, "pods:1:1")


SEVERAL = "the file has several documents, not one List of all Pods"
TEXTS = [
    ("empty", "", "incomplete-list", "the file is empty"),
    ("comments alone", "# nothing\n", "incomplete-list", "the file is empty"),
    ("two documents", "kind: List\nitems: []\n---\nkind: List\nitems: []\n", "incomplete-list", SEVERAL),
    ("two JSON values", '{"kind": "List", "items": []}\n{"kind": "List", "items": []}', "incomplete-list", SEVERAL),
    ("cut off", '{"kind": "List", "items": [', "manifest-syntax", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "message"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS]
)
def test_texts_that_are_no_one_list(text: str, code: str, message: str | None) -> None:
    found = refusal(text)
    assert found[0] == code
    assert message is None or found[1:3] == (message, HOW)


def refusal(text: str) -> tuple[str, str, str, str]:
    with pytest.raises(ManifestError) as caught:
        read_pod_list(text.encode(), "pods")
    error = caught.value
    return error.code, error.message, error.hint, str(error.span)
