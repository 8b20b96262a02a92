"""Edits done to text: what changes, and that all else stays as it was written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.documents import Document, read_documents
from policy.lint.finding import REMOVE, Edit
from policy.lint.fixing.children import UnfixableError
from policy.lint.fixing.edited import edited
from policy.lint.fixing.fix_texts import replaced
from policy.lint.fixing.replacements import replacements
from policy.lint.fixing.written import in_brackets, lines

HEAD = "apiVersion: v1\nkind: Pod\n"
SPEC = ("spec",)


def document(text: str) -> Document:
    (found,), errors = read_documents(text, "f.yaml")
    assert errors == []
    return found


def done(text: str, *edits: Edit) -> str:
    """The text after the edits, which must mean what it should."""
    before = document(text)
    after = replaced(text, replacements(before, edits))
    assert document(after).data == edited(before.data, edits)
    return after


def gone(*path: str | int) -> Edit:
    return Edit(path, REMOVE)


# name, what stands behind the head, edits, what then stands there
CASES = [
    ("a key in the middle", "a: 1 # one\nb: 2 # two\nc: 3\n", [gone("b")], "a: 1 # one\nc: 3\n"),
    ("the last key without a line end", "a: 1\nb: 2", [gone("b")], "a: 1\n"),
    ("a block with its lines", "b:\n  x: [1,\n    2] # c\n\nc: 3\n", [gone("b")], "\nc: 3\n"),
    ("comments before it stay", "# about b\nb: 2\n# about c\nc: 3\n", [gone("b")], "# about b\n# about c\nc: 3\n"),
    ("a block of text", "b: |\n  x\n  y\n\nc: 3\n", [gone("b")], "\nc: 3\n"),
    ("the first key behind a dash", "l:\n- a: 1\n  b: 2\n", [gone("l", 0, "a")], "l:\n- b: 2\n"),
    ("all keys behind a dash", "l:\n- a: 1\n- 2\n", [gone("l", 0, "a")], "l:\n- {}\n- 2\n"),
    ("an entry of a list", "l:\n  - a # x\n  - b\n  - c\n", [gone("l", 1)], "l:\n  - a # x\n  - c\n"),
    ("every entry of a list", "l: # why\n  - a\n  - b\n", [gone("l", 1), gone("l", 0)], "l: [] # why\n"),
    ("the only key below another", "m: # why\n  a: 1\nc: 3\n", [gone("m", "a")], "m: {} # why\nc: 3\n"),
    ("in brackets, the first", "m: {a: 1, b: 2}\n", [gone("m", "a")], "m: {b: 2}\n"),
    ("in brackets, the last two", "l: [a, b,  c]\n", [gone("l", 1), gone("l", 2)], "l: [a]\n"),
    ("in brackets, all", "l: [a, b]\n", [gone("l", 1), gone("l", 0)], "l: []\n"),
    ("a key is added", "m:\n  a: 1 # x\n# y\n", [Edit(("m", "b"), "10")], 'm:\n  a: 1 # x\n  b: "10"\n# y\n'),
    ("a key is added at the end", "m:\n  a: 1", [Edit(("m", "b"), "x")], "m:\n  a: 1\n  b: x"),
    ("keys are added where none are", "a: 1\n", [Edit(("m", "q", "b"), "yes"), Edit(("m", "q", "c"), 2)], 'a: 1\nm:\n  q:\n    b: "yes"\n    c: 2\n'),
    ("a key is added to null", "m:\na: 1\n", [Edit(("m", "b"), "x")], "m:\n  b: x\na: 1\n"),
    ("a key is added in brackets", "m: {a: 1}\n", [Edit(("m", "b"), "x")], "m: {a: 1, b: x}\n"),
    ("a key is added to empty brackets", "m: {}\n", [Edit(("m", "b"), ["x"])], "m: {b: [x]}\n"),
    ("an entry is added", "l:\n- a\n", [Edit(("l", 1), "b")], "l:\n- a\n- b\n"),
    ("a value is changed", "a: 'x' # y\n", [Edit(("a",), "it's")], "a: 'it''s' # y\n"),
    ("a value becomes a block", "m:\n  a: 1\n", [Edit(("m",), {"b": [1, {"c": 2}]})], "m:\n  b:\n    - 1\n    - c: 2\n"),
    ("a key gives way to another", "m:\n  a: 1\n", [gone("m", "a"), Edit(("m", "b"), 2)], "m:\n  b: 2\n"),
    ("a key goes and a deeper one comes", "m:\n  q:\n    x: 1\n  a: 1\n", [gone("m", "a"), Edit(("m", "q", "z"), 2)], "m:\n  q:\n    x: 1\n    z: 2\n"),
    ("deeper additions stand first", "m:\n  q:\n    x: 1\n", [Edit(("m", "b"), 1), Edit(("m", "q", "z"), 2)], "m:\n  q:\n    x: 1\n    z: 2\n  b: 1\n"),
    ("line ends stay those of the file", "m:\r\n  a: 1\r\n", [Edit(("m", "b"), 2)], "m:\r\n  a: 1\r\n  b: 2\r\n"),
    ("signs of two columns", "ü: {'日本': 1, a: 2}\n", [gone("ü", "日本")], "ü: {a: 2}\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "edits", "after"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_an_edit_changes_its_lines_and_no_others(text: str, edits: list[Edit], after: str) -> None:
    assert done(HEAD + text, *edits) == HEAD + after


def test_json_stays_json() -> None:
    text = '{\n  "apiVersion": "v1",\n  "kind": "Pod",\n  "m": {"a": 1}\n}\n'
    assert done(text, Edit(("m", "b"), ["x"]), Edit(("n",), None)) == (
        '{\n  "apiVersion": "v1",\n  "kind": "Pod",\n  "m": {"a": 1, "b": ["x"]},\n  "n": null\n}\n'
    )


@pytest.mark.parametrize(
    "text",
    ["a: &x {b: 1}\nc: *x\n", "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 1\n"],
    ids=["alias", "merge"],
)
def test_what_is_written_elsewhere_is_not_edited(text: str) -> None:
    with pytest.raises(UnfixableError):
        replacements(document(HEAD + text), [gone("c", "b")])


words = st.text("abyn019.-:#'\" \u00e9", max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


def paths_of(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    found = [path] if path else []
    for step, inner in steps:
        found += paths_of(inner, (*path, step))
    return found


def with_comments(text: str, numbers: list[int]) -> str:
    """Comments on lines of their own, where no text goes on over several lines."""
    lines = text.splitlines()
    for number in sorted(numbers, reverse=True):
        lines.insert(number % (len(lines) + 1), f"# comment {number}")
    return "\n".join(lines) + "\n"


@given(
    st.dictionaries(words, values, min_size=1, max_size=4),
    st.booleans(),
    st.sets(st.integers(0, 30), max_size=3),
    st.data(),
)
def test_whatever_is_edited_means_what_it_should_and_comments_outside_stay(
    spec: dict[str, Any], brackets: bool, comments: set[int], data: st.DataObject
) -> None:
    body = f"spec: {in_brackets(spec)}\n" if brackets else "\n".join(lines({"spec": spec}, 0))
    text = HEAD + (body if brackets else with_comments(body, sorted(comments)))
    before = document(text)
    paths = paths_of(before.data["spec"])
    path = (*SPEC, *data.draw(st.sampled_from(paths)))
    edit = Edit(path, data.draw(st.just(REMOVE) | values))
    try:
        after = replaced(text, replacements(before, [edit]))
    except UnfixableError:
        return
    assert document(after).data == edited(before.data, [edit])
    span = before.place.find(path)
    first, last = before.place.find_key(path).start.line, span.end.line
    outside = [line for n, line in enumerate(text.splitlines()) if n < first or n > last]
    kept = [line for line in outside if re.fullmatch(r"# comment \d+", line)]
    assert [line for line in after.splitlines() if line in kept] == kept
