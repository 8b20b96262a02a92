"""Text to documents: what values mean, where they stand, and what no text can do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.errors import InvalidManifestsError
from policy.documents import Document, read_documents
from policy.load import load
from policy.settings import AuthoringSettings
from tests.policy_authoring.loading import errors_of

HEAD = "apiVersion: v1\nkind: X\n"


def read(text: str | bytes) -> list[Document]:
    documents, errors = read_documents(text, "f.yaml")
    assert errors == []
    return documents


def value(yaml: str) -> Any:
    return read(f"{HEAD}a: {yaml}\n")[0].data["a"]


SCALARS = [
    ("empty is null", "", None),
    ("tilde is null", "~", None),
    ("null", "NULL", None),
    ("mixed case is text", "nULL", "nULL"),
    ("true", "True", True),
    ("YAML 1.1 yes", "yes", True),
    ("YAML 1.1 n", "n", False),
    ("off", "OFF", False),
    ("quoted is text", "'yes'", "yes"),
    ("number", "12", 12),
    ("negative", "-12", -12),
    ("underscores", "1_000", 1000),
    ("octal", "010", 8),
    ("octal of YAML 1.2", "0o10", 8),
    ("no octal digit makes a fraction", "08", 8.0),
    ("hexadecimal", "0xFF", 255),
    ("binary", "-0b11", -3),
    ("fraction", "1.5", 1.5),
    ("exponent", "1e3", 1000.0),
    ("an address is text", "10.6.0.1", "10.6.0.1"),
    ("a range is text", "10.6.0.1-10.6.0.2", "10.6.0.1-10.6.0.2"),
    ("a version is text", "1.2.3", "1.2.3"),
    ("a date is text", "2020-01-01", "2020-01-01"),
    ("a time is text, not sexagesimal", "12:30:45", "12:30:45"),
    ("an IPv6 address is text", "fd00::1", "fd00::1"),
    ("tagged text", "!!str 12", "12"),
    ("tagged fraction", "!!float 12", 12.0),
    ("block", "|\n  x\n  y", "x\ny\n"),
    ("folded block", ">-\n  x\n  y", "x y"),
]


@pytest.mark.parametrize(("name", "yaml", "wanted"), SCALARS, ids=[row[0] for row in SCALARS])
def test_a_scalar_means_what_kubectl_reads(name: str, yaml: str, wanted: object) -> None:
    found = value(yaml)
    assert found == wanted
    assert type(found) is type(wanted)


def test_keys_are_texts_as_in_json() -> None:
    assert value("{1: a, yes: b, '2': c}") == {"1": "a", "true": "b", "2": "c"}


def test_anchors_aliases_and_merge_keys_are_written_out() -> None:
    text = f"{HEAD}base: &b {{x: 1, w: 2}}\nmine: {{<<: *b, w: 3}}\nsame: *b\n"
    text += "both:\n  <<: [{z: 1}, *b, {z: 2}]\n"
    data = read(text)[0].data
    assert data["mine"] == {"x": 1, "w": 3}
    assert data["same"] == {"x": 1, "w": 2}
    assert data["both"] == {"z": 1, "x": 1, "w": 2}


def test_a_quoted_merge_sign_is_an_ordinary_key() -> None:
    assert value("{'<<': 1}") == {"<<": 1}


def test_empty_documents_comments_and_directives_are_skipped() -> None:
    text = f"%YAML 1.1\n# one\n---\n{HEAD}---\n---\n# nothing\n--- \n{HEAD}...\n"
    assert [document.first_line for document in read(text)] == [3, 9]


def test_a_separator_may_carry_the_document() -> None:
    assert read("--- {apiVersion: v1, kind: X}\n--- {apiVersion: v1, kind: Z}\n")[1].kind == "Z"


def test_json_may_be_indented_with_tabs() -> None:
    text = '{\n\t"apiVersion":\t"v1",\n\t"kind": "X",\n\t"a": [\n\t\t1\n\t]\n}\n'
    document = read(text)[0]
    assert document.data["a"] == [1]
    assert str(document.span(("a", 0))) == "f.yaml:5:3"


def test_json_values_may_follow_one_another() -> None:
    text = '{"apiVersion": "v1", "kind": "X"}\n{"apiVersion": "v1",\n "kind": "Y"} {"a": 1}'
    documents, errors = read_documents(text, "f.json")
    assert [(document.kind, str(document.span(("kind",)))) for document in documents] == [
        ("X", "f.json:1:30"),
        ("Y", "f.json:3:10"),
    ]
    assert [str(error.span) for error in errors] == ["f.json:3:15"]


def test_json_escapes_of_rare_characters_are_read() -> None:
    assert read(r'{"apiVersion": "v1", "kind": "X", "a": "\ud83d\ude00\\ud83d"}')[0].data["a"] == (
        "\U0001f600\\ud83d"
    )


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    document = read(b"\xef\xbb\xbf" + HEAD.encode())[0]
    assert document.api_version == "v1"
    assert str(document.span(("apiVersion",))) == "f.yaml:1:13"


def test_windows_line_ends_count_as_lines() -> None:
    assert str(read("apiVersion: v1\r\nkind: X\r\na: 1\r\n")[0].span(("a",))) == "f.yaml:3:4"


SPANNED = (
    "---\napiVersion: v1\nkind: X\nspec:\n  ips:\n  - é: 1\n  - b\n  list: [c, {d: e}]\nlast: 1\n"
)
SPANS = [
    ("a value", ("kind",), (3, 7, 3, 8)),
    ("an item of a list", ("spec", "ips", 1), (7, 5, 7, 6)),
    ("columns count characters", ("spec", "ips", 0, "é"), (6, 8, 6, 9)),
    ("inside brackets", ("spec", "list", 1, "d"), (8, 17, 8, 18)),
    ("a block ends with its last value", ("spec", "ips"), (6, 3, 7, 6)),
    ("a missing field has its parent's place", ("spec", "ips", 0, "x"), (6, 5, 6, 9)),
    ("a missing item has its list's place", ("spec", "ips", 7), (6, 3, 7, 6)),
    ("the document", (), (2, 1, 9, 8)),
]


@pytest.mark.parametrize(("name", "path", "wanted"), SPANS, ids=[row[0] for row in SPANS])
def test_every_value_has_its_place(
    name: str, path: tuple[str | int, ...], wanted: tuple[int, int, int, int]
) -> None:
    span = read(SPANNED)[0].span(path)
    assert (span.line, span.column, span.end_line, span.end_column) == wanted


def test_every_key_has_its_place() -> None:
    document = read(SPANNED)[0]
    assert str(document.key_span(("spec", "list"))) == "f.yaml:8:3"
    assert str(document.key_span(("spec", "ips", 1))) == "f.yaml:7:5"


def test_lists_are_unwrapped_and_give_their_kind_to_items_that_have_none() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: a/v1, kind: X}\n"
        "- apiVersion: a/v1\n  kind: WList\n  items: [{a: 1}, {a: 2, kind: Z}]\n"
        "- {apiVersion: v1, kind: EmptyList, items: null}\n"
        "- {apiVersion: v1, kind: AllowList}\n"
    )
    documents = read(text)
    assert [(document.api_version, document.kind) for document in documents] == [
        ("a/v1", "X"),
        ("a/v1", "W"),
        ("a/v1", "Z"),
        ("v1", "AllowList"),
    ]
    assert str(documents[1].span(("a",))) == "f.yaml:7:15"


def test_an_item_of_a_plain_list_needs_its_own_kind() -> None:
    errors = errors_of("apiVersion: v1\nkind: List\nitems: [{a: 1}, 3]\n")
    assert [(str(error.span), error.code) for error in errors] == [
        ("f.yaml:3:9", "missing-field"),
        ("f.yaml:3:17", "invalid-manifest"),
    ]


def test_a_broken_document_does_not_hide_the_others() -> None:
    documents, errors = read_documents(f"{HEAD}---\na: [\n---\n{HEAD}a: 1\na: 2\n", "f.yaml")
    assert [document.first_line for document in documents] == [1, 5]
    assert [(str(error.span), error.message) for error in errors] == [
        ("f.yaml:5:1", "a list in brackets is not closed"),
        ("f.yaml:9:1", "`a` stands twice in one mapping"),
    ]


def test_many_comment_signs_take_no_time() -> None:
    assert read("# " * 50_000 + "x") == []


def test_wide_documents_are_read_whole() -> None:
    items = ", ".join(f"a{number}" for number in range(20_000))
    assert len(value(f"[{items}]")) == 20_000


YAML_SIGNS = st.text(alphabet="ab:-[]{}\"'&*!|>#\n\t %@`,?<0.e~yn\\u", max_size=60).map(str.encode)
OTHER_TEXT = st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(st.one_of(st.binary(max_size=60), YAML_SIGNS, OTHER_TEXT))
@example(b"")
@example(b"\0\0\0\0")
@example(b"[" * 100_000)
@example(b"{" * 100_000)
@example(b"- " * 100_000)
@example(b"? " * 100_000)
@example(b"&a " * 1000 + b"x")
@example(b"apiVersion: v1\nkind: List\nitems: &a [*a]\n")
@example(b"9" * 10_000)
@example(b'{"a": ' * 10_000)
def test_any_bytes_give_documents_or_errors_with_a_place(data: bytes) -> None:
    try:
        load([("f", data)], AuthoringSettings())
    except InvalidManifestsError as error:
        for one in error.errors:
            assert one.span is not None
            assert one.message
            assert one.hint
            assert "\n" not in one.message + one.hint
