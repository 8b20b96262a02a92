"""The `poolweaver.io/` annotations: values at their limits, and places inside their texts."""

from __future__ import annotations

import json

import pytest

from model.errors import InvalidManifestsError, ManifestError
from model.pools import PoolRecord
from policy.load import load
from policy.settings import AuthoringSettings

HEAD = """apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: p
  annotations:
"""
TAIL = "spec:\n  subnet: 10.0.0.0/24\n"
SUBJECT = "unknown subject `pod.lable`"


def pool(annotation: str) -> PoolRecord:
    text = f"{HEAD}    poolweaver.io/{annotation}\n{TAIL}"
    [found] = load([("f.yaml", text.encode())], AuthoringSettings()).pools
    return found


def error(text: str) -> ManifestError:
    with pytest.raises(InvalidManifestsError) as caught:
        load([("f.yaml", text.encode())], AuthoringSettings())
    [found] = caught.value.errors
    return found


def told(annotation: str) -> tuple[str, str, str, str]:
    found = error(f"{HEAD}    poolweaver.io/{annotation}\n{TAIL}")
    return str(found.span), found.code, found.message, found.hint


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("+7", 7),
        ("007", 7),
    ],
)
def test_a_priority_is_any_whole_number_of_64_bits(text: str, number: int) -> None:
    found = pool(f'priority: "{text}"')
    assert found.serving.rules.priority == number
    assert f"priority {number};" in found.rule_text


def test_a_quarantine_is_any_number_of_seconds_from_0() -> None:
    assert pool('quarantine-seconds: "0"').quarantine_seconds == 0
    assert pool('quarantine-seconds: "9223372036854775807"').quarantine_seconds == 2**63 - 1


@pytest.mark.parametrize(
    ("what", "annotation", "column", "message", "hint"),
    [
        (
            "one too many for 64 bits",
            'priority: "9223372036854775808"',
            29,
            "`poolweaver.io/priority` is `9223372036854775808`, which does not fit into 64 bits",
            'write a whole number from `"-9223372036854775808"` to `"9223372036854775807"`',
        ),
        (
            "more digits than Python reads",
            f'priority: "{"9" * 5000}"',
            29,
            f"`poolweaver.io/priority` is `{'9' * 69}...`, which does not fit into 64 bits",
            'write a whole number from `"-9223372036854775808"` to `"9223372036854775807"`',
        ),
        (
            "too long a quarantine",
            'quarantine-seconds: "9223372036854775808"',
            39,
            "`poolweaver.io/quarantine-seconds` is `9223372036854775808`, which does not fit into "
            "64 bits",
            'write a whole number from `"0"` to `"9223372036854775807"`',
        ),
        (
            "nothing",
            'priority: ""',
            29,
            "`poolweaver.io/priority` is empty, not a whole number",
            'write digits in quotes, such as `"10"`',
        ),
        (
            "a fraction",
            'priority: "1.5"',
            29,
            "`poolweaver.io/priority` is `1.5`, not a whole number",
            'write digits in quotes, such as `"10"`',
        ),
        (
            "a unit",
            "quarantine-seconds: 1m",
            39,
            "`poolweaver.io/quarantine-seconds` is `1m`, not a whole number",
            'write digits in quotes, such as `"10"`',
        ),
        (
            "no reason",
            'lint-ignore-unused-pool: " "',
            44,
            "`poolweaver.io/lint-ignore-unused-pool` gives no reason",
            "write why the rule is not to be applied here, in a few words",
        ),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(
    what: str, annotation: str, column: int, message: str, hint: str
) -> None:
    assert told(annotation) == (f"f.yaml:6:{column}", "invalid-annotation", message, hint)


RIGHT, WRONG = 'require exists pod.label["a"];', 'require exists pod.lable["b"];'
ESCAPED = WRONG.replace('"', '\\"')


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("plain", WRONG),
        ("plain over two lines", f"{RIGHT}\n      {WRONG}"),
        ("in single quotes", f"'{WRONG}'"),
        ("in single quotes, one of them doubled", f"'# it''s\n\n      {WRONG}'"),
        ("in single quotes over lines", f"'{RIGHT}\n\n\n      {WRONG}'"),
        ("in double quotes, after escapes", json.dumps(f"{RIGHT} {WRONG}")),
        ("in double quotes, after an escaped line feed", json.dumps(f"{RIGHT}\n{WRONG}")),
        ("in double quotes, after long escapes", f'"# \\u00e9\\x41\\U0001F600\\n{ESCAPED}"'),
        ("in double quotes, the line continued", f'"require \\\n      {ESCAPED[8:]}"'),
        ("a block", f"|\n      {RIGHT}\n      {WRONG}"),
        ("a block, indented deeply", f"|-\n            {RIGHT}\n            {WRONG}"),
        ("a block with a blank line", f"|\n\n      {RIGHT}\n\n      {WRONG}"),
        ("a block with the indentation written", f"|2\n        {RIGHT}\n        {WRONG}"),
        ("a block with letters beyond ASCII", f"|\n      # Größe\n      {WRONG}  # é"),
        ("a folded block", f">\n      {RIGHT}\n\n      {WRONG}"),
        ("a folded block without last line feed", f">-\n      {RIGHT}\n      {WRONG}"),
    ],
)
def test_an_error_in_require_is_found_in_the_file_however_it_is_written(
    what: str, value: str
) -> None:
    text = f"{HEAD}    poolweaver.io/require: {value}\n{TAIL}"
    found = error(text)
    assert found.span is not None
    line = text.splitlines()[found.span.line - 1]
    assert line[found.span.column - 1 : found.span.end_column - 1] == "pod.lable"
    assert (found.code, found.message, found.hint) == (
        "invalid-annotation",
        f"`poolweaver.io/require`: {SUBJECT}",
        "did you mean `pod.label` or `pod.name`?",
    )


@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_error_in_require_is_found_in_json(ascii_only: bool) -> None:
    metadata = {"name": "p", "annotations": {"poolweaver.io/require": f"# é\n{WRONG}"}}
    item = {"apiVersion": "spiderpool.spidernet.io/v2beta1", "kind": "SpiderIPPool"}
    item |= {"metadata": metadata, "spec": {"subnet": "10.0.0.0/24"}}  # type: ignore[dict-item]
    good = json.dumps(item, ensure_ascii=ascii_only).replace("lable", "label").replace('"p"', '"q"')
    text = good + json.dumps(item, ensure_ascii=ascii_only)
    found = error(text)
    assert found.span is not None
    assert text[found.span.column - 1 : found.span.end_column - 1] == "pod.lable"


def test_a_check_of_require_has_its_place_in_the_file() -> None:
    found = pool(f'require: >-\n          {RIGHT}\n\n          require pod.name = "x";')
    places = [str(span) for span in found.serving.rules.spans]
    assert places == ["f.yaml:11:11", "f.yaml:7:11", "f.yaml:9:11"]
