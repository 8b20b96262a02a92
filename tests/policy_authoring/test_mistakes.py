"""Each mistake that a manifest can have gives one error, which says everything."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from model.errors import CODES
from tests.policy_authoring.loading import errors_of


class Mistake(NamedTuple):
    """A row of mistakes.yaml."""

    name: str
    manifest: str
    code: str
    field: str
    message: str
    hint: str
    place: str
    underlined: str


TABLE = Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8")
MISTAKES = [Mistake(**row) for row in yaml.safe_load(TABLE)]
UNREADABLE = {"binary file": b"\x89PNG", "UTF-16": "kind: X\n".encode("utf-16")}


def underlined(text: str, mistake_line: int, start: int, end: int | None) -> str:
    lines = text.split("\n")
    line = lines[mistake_line - 1] if mistake_line <= len(lines) else ""
    return line[start - 1 : end]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_reported_alone_with_code_field_message_hint_and_place(
    mistake: Mistake,
) -> None:
    errors = errors_of(UNREADABLE.get(mistake.name, mistake.manifest))
    assert len(errors) == 1
    error = errors[0]
    span = error.span
    assert span is not None
    assert (error.code, error.field) == (mistake.code, mistake.field)
    assert (error.message, error.hint) == (mistake.message, mistake.hint)
    assert str(span) == f"f.yaml:{mistake.place}"
    end = span.end_column - 1 if span.end_line == span.line else None
    assert underlined(mistake.manifest, span.line, span.column, end) == mistake.underlined


def test_the_table_names_each_mistake_once_and_with_a_known_code() -> None:
    names = [mistake.name for mistake in MISTAKES]
    assert len(set(names)) == len(names)
    assert {mistake.code for mistake in MISTAKES} <= set(CODES["ManifestError"])


def test_messages_keep_the_style_of_the_house() -> None:
    for mistake in MISTAKES:
        assert "\n" not in mistake.message + mistake.hint
        assert not mistake.message.endswith(".")
        for name in ("NoneType", "dict", " str ", " int ", "Traceback"):
            assert name not in mistake.message


def test_all_mistakes_of_all_documents_are_reported_in_the_order_of_lines() -> None:
    text = (
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderIPPool\nmetadata: {name: A}\n"
        "spec:\n  subnet: 10.0.0.1/24\n  podAffinity: {}\n  nodeName: [a, a]\n"
        "---\na: [1\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: -x}\n"
    )
    assert [(str(error.span), error.code) for error in errors_of(text)] == [
        ("f.yaml:3:18", "invalid-name"),
        ("f.yaml:5:11", "invalid-subnet"),
        ("f.yaml:6:16", "empty-selector"),
        ("f.yaml:7:17", "invalid-value"),
        ("f.yaml:10:1", "manifest-syntax"),
        ("f.yaml:13:18", "invalid-name"),
    ]
