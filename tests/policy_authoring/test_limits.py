"""What no file may make the program do: take all memory, or all time."""

from __future__ import annotations

import pytest

from policy import documents as limits
from policy import yaml_trees
from policy.documents import read_documents

GOOD = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n}\n"


def told(text: str) -> list[tuple[str, str, str, str]]:
    _, errors = read_documents(text, "f")
    return [(error.code, str(error.span), error.message, error.hint) for error in errors]


def test_a_file_with_too_many_errors_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_ERRORS", 3)
    assert told("---\na: b\n" * 9)[3:] == [
        (
            "manifest-unreadable",
            "f:7:1",
            "3 errors stand before this line; the rest of the file was not read",
            "is this a manifest at all?",
        )
    ]


def test_json_lines_with_too_many_errors_are_not_read_to_their_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_ERRORS", 3)
    found = told('{"a": 1}\n' * 9)
    assert [code for code, *_ in found] == ["missing-field"] * 3 + ["manifest-unreadable"]
    assert found[3][1] == "f:4:1"
    assert len(told('{"a": 1}\n' * 3)) == 3


def test_a_file_with_too_many_documents_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_DOCUMENTS", 2)
    found, errors = read_documents(GOOD * 4, "f")
    assert len(found) == 2
    (error,) = errors
    assert error.message == "2 documents stand before this line; the rest of the file was not read"
    assert (str(error.span), error.hint) == ("f:9:1", "split the file")


def test_a_file_with_too_many_values_is_refused_where_they_become_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yaml_trees.Allowance.__init__, "__defaults__", (10,))
    assert told(GOOD + "---\n" + "".join(f"k{i}: v\n" for i in range(9)) + GOOD)[0] == (
        "manifest-syntax",
        "f:6:5",
        "the file has more than 6000000 values",
        "split the file",
    )


def test_a_list_at_the_top_is_known_by_its_first_sign() -> None:
    text = "- a\n" * 300_000
    assert told(text) == [
        (
            "invalid-manifest",
            "f:1:1",
            "this is a list, not a Kubernetes object",
            "begin with `apiVersion:` and `kind:`; separate documents with `---`",
        )
    ]


def test_separators_alone_are_no_documents_and_content_behind_one_is() -> None:
    assert told("---\n" * 5 + "--- # nothing\n---\r\n") == []
    assert [code for code, *_ in told("--- {a: 1}\n")] == ["missing-field"]
