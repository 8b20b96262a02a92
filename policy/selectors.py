"""Label selectors: judged as Kubernetes judges them, and turned into checks.

matchLabels: {b: x, a: y}          label["a"] in {"y"}, label["b"] in {"x"}
- {key: c, operator: NotIn, ...}   label["c"] not in {...}
- {key: d, operator: Exists}       exists label["d"]
- {key: e, operator: DoesNotExist} absent label["e"]
"""

from __future__ import annotations

from collections.abc import Iterator

from model.errors import ManifestError
from model.rules import Check
from policy.documents import Document
from policy.labels import (
    LABEL_KEY_HINT,
    LABEL_VALUE_HINT,
    label_key_problem,
    label_value_problem,
)
from policy.places import Path
from policy.resources.shapes import LabelSelector, SelectorRequirement
from policy.wording import shown

_OPERATORS = {"In": "in", "NotIn": "not in", "Exists": "exists", "DoesNotExist": "absent"}
_CODE = "invalid-selector"


def selector_checks(field: str, subject: str, selector: LabelSelector) -> tuple[Check, ...]:
    """The checks that hold together just where the selector matches; none for an empty one.

    First matchLabels by key, then matchExpressions as written. `field` becomes the origin,
    `subject` is such as `pod.label`. The selector must be valid.
    """
    return tuple(check for _, check in located_checks(field, subject, selector))


def located_checks(
    field: str, subject: str, selector: LabelSelector
) -> Iterator[tuple[Path, Check]]:
    """`selector_checks`, each with the path of its requirement below the selector."""
    for key, value in sorted((selector.match_labels or {}).items()):
        yield ("matchLabels", key), (field, subject, key, "in", (value,))
    for index, requirement in enumerate(selector.match_expressions or ()):
        values = tuple(sorted(set(requirement.values or ())))
        operator = _OPERATORS[requirement.operator]
        yield ("matchExpressions", index), (field, subject, requirement.key, operator, values)


def validate_selector(
    document: Document, path: Path, selector: LabelSelector | None
) -> Iterator[ManifestError]:
    """Everything wrong with the selector at `path`; nothing for an absent or empty one."""
    if selector is None:
        return
    for key, value in (selector.match_labels or {}).items():
        here = (*path, "matchLabels", key)
        yield from _key_error(document, here, key, at_key=True)
        yield from _value_error(document, here, value)
    for index, requirement in enumerate(selector.match_expressions or ()):
        here = (*path, "matchExpressions", index)
        yield from _key_error(document, (*here, "key"), requirement.key, at_key=False)
        yield from _operator_errors(document, here, requirement)
        for place, value in enumerate(requirement.values or ()):
            yield from _value_error(document, (*here, "values", place), value)


def _key_error(
    document: Document, path: Path, key: str, *, at_key: bool
) -> Iterator[ManifestError]:
    problem = label_key_problem(key)
    if problem:
        message = f"the label key {shown(key)} {problem}"
        yield document.error(_CODE, path, message, LABEL_KEY_HINT, at_key=at_key)


def _value_error(document: Document, path: Path, value: str) -> Iterator[ManifestError]:
    problem = label_value_problem(value)
    if problem:
        message = f"the label value {shown(value)} {problem}"
        yield document.error(_CODE, path, message, LABEL_VALUE_HINT)


def _operator_errors(
    document: Document, path: Path, requirement: SelectorRequirement
) -> Iterator[ManifestError]:
    operator, values = requirement.operator, requirement.values
    if operator not in _OPERATORS:
        near = [name for name in _OPERATORS if name.lower() == operator.lower()]
        yield document.error(
            _CODE,
            (*path, "operator"),
            f"{shown(operator)} is not an operator",
            f"did you mean `{near[0]}`?"
            if near
            else "write `In`, `NotIn`, `Exists` or `DoesNotExist`",
        )
    elif operator in ("In", "NotIn") and not values:
        yield document.error(
            _CODE,
            (*path, "values"),
            f"`{operator}` needs at least one value",
            "list values, or write `Exists` or `DoesNotExist`",
        )
    elif operator in ("Exists", "DoesNotExist") and values:
        yield document.error(
            _CODE,
            (*path, "values"),
            f"`{operator}` takes no values",
            "leave out `values`, or write `In` or `NotIn`",
        )
