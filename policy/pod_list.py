"""A List of all Pods, as `kubectl get pods -A -o json` or `-o yaml` prints it; or why it is none.

Who is not in it counts as gone, so that half a list would do harm: nothing is guessed here. Reads
without places, since such a list may be large.
"""

from __future__ import annotations

import json
from typing import Any

import yaml
from pydantic import ValidationError

from model.errors import ManifestError
from model.facts import PodFacts
from model.spans import Span
from policy.objects import pod_facts
from policy.resources.core import Pod
from policy.text_input import cut_documents, cut_json_values, read_text
from policy.wording import found, shown
from policy.yaml_errors import syntax_error

CODE = "incomplete-list"
HOW = "give all that `kubectl get pods -A -o json` prints"
_LISTS = ("List", "PodList")


class _Loader(yaml.CSafeLoader):
    """PyYAML's, but for times, which are texts to Kubernetes."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read_pod_list(data: bytes, file: str) -> list[PodFacts]:
    """The Pods of the one List in a file; objects of other kinds in it are passed over.

    ManifestError with code `incomplete-list` for what is no List, for several documents, and for a
    List that says of itself that it goes on; as for any manifest where it cannot be read.
    """
    document = _whole(data, file)
    kind = document.get("kind")
    if kind not in _LISTS:
        what = f"a {kind}" if isinstance(kind, str) and kind else "an object without a kind"
        raise _error(file, f"this is {what}, not a List of all Pods")
    _check_end(document, file)
    if "items" not in document:
        raise _error(file, "`items` is missing", field="items")
    items = document["items"]
    if not isinstance(items, list | None):
        raise _error(file, f"`items` is {found(items)}, not a list", field="items")
    kinds = [_kind(item, index, file, str(kind)) for index, item in enumerate(items or ())]
    numbered = zip(range(len(kinds)), kinds, items or (), strict=True)
    return _distinct([_pod(item, i, file) for i, one, item in numbered if one == "Pod"], file)


def incomplete(file: str, message: str, hint: str = HOW) -> ManifestError:
    """The error for a list that cannot be all there is."""
    return _error(file, message, hint)


def _whole(data: bytes, file: str) -> dict[str, Any]:
    """The one document of a file."""
    text = read_text(data, file)
    pieces = list(cut_documents(text))
    if not pieces:
        raise _error(file, "the file is empty")
    ((line, piece), *more) = pieces
    if more or (piece.lstrip().startswith("{") and cut_json_values(piece)):
        raise _error(file, "the file has several documents, not one List of all Pods")
    try:
        value = _parsed(piece)
    except yaml.YAMLError as error:
        raise syntax_error(error, piece, file, line) from None
    except (ValueError, RecursionError):
        message = "the file cannot be read as YAML or JSON"
        raise _error(file, message, code="manifest-syntax") from None
    if not isinstance(value, dict):
        raise _error(file, f"this is {found(value)}, not a List of all Pods")
    return value


def _parsed(text: str) -> Any:
    """JSON is YAML, but its own reader is many times faster."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is the safe one


def _check_end(document: dict[str, Any], file: str) -> None:
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return
    if metadata.get("continue") or metadata.get("remainingItemCount"):
        field = "continue" if metadata.get("continue") else "remainingItemCount"
        hint = f"{HOW}; what the API gives with `limit` is only a part"
        path = f"metadata.{field}"
        raise _error(file, f"the list goes on elsewhere: it has `{path}`", hint, field=path)


def _kind(item: Any, index: int, file: str, list_kind: str) -> str:
    if not isinstance(item, dict):
        message = f"`items[{index}]` is {found(item)}, not an object"
        raise _error(file, message, field=f"items[{index}]")
    return str(item.get("kind") or list_kind.removesuffix("List") or "nothing")


def _pod(item: dict[str, Any], index: int, file: str) -> PodFacts:
    try:
        pod = pod_facts(Pod.model_validate(item))
    except ValidationError as error:
        place = ".".join(str(step) for step in error.errors()[0]["loc"])
        message = f"`items[{index}].{place}` is missing, or not what a Pod has there"
        raise _error(file, message, code="wrong-type", field=f"items[{index}].{place}") from None
    if not pod.name:
        path = f"items[{index}].metadata.name"
        raise _error(file, f"`{path}` is missing", code="missing-field", field=path)
    return pod


def _distinct(pods: list[PodFacts], file: str) -> list[PodFacts]:
    seen = set()
    for pod in pods:
        key = (pod.namespace, pod.name)
        if key in seen:
            name = shown(f"{pod.namespace}/{pod.name}")
            raise _error(file, f"Pod {name} is given twice", code="duplicate-object")
        seen.add(key)
    return pods


def _error(
    file: str, message: str, hint: str = HOW, code: str = CODE, field: str = ""
) -> ManifestError:
    return ManifestError(message, hint, Span(file, 1, 1), code, field)
