"""The text of a session becomes statements, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.repl.language import Parsed, Statement, assignment, parse_session

LETTERS = st.text("ab;\n#{}[]\"'\\ =", max_size=30)


def texts(text: str) -> list[str]:
    return [one.text for one in parse_session(text).statements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("match", ["match"], id="one, without an end"),
        pytest.param(" match ; rank\n", ["match", "rank"], id="a semicolon or a line's end"),
        pytest.param(";;\n\n;", [], id="nothing but ends"),
        pytest.param("# why\nmatch # now; rank\n", ["match"], id="comments"),
        pytest.param("why a#b", ["why a#b"], id="no comment within a word"),
        pytest.param("eval { a; b }; match", ["eval { a; b }", "match"], id="braces hold together"),
        pytest.param('eval a = ";"; match', ['eval a = ";"', "match"], id="so do quotes"),
        pytest.param(':set a["x;y"]=1', [':set a["x;y"]=1'], id="and brackets"),
        pytest.param('eval "a\\";"; match', ['eval "a\\";"', "match"], id="a quote in quotes"),
        pytest.param("eval {\n\ta;\n}\nmatch", ["eval {\n\ta;\n}", "match"], id="over lines"),
        pytest.param("why }; match", ["why }", "match"], id="a closing brace too many"),
    ],
)
def test_statements_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert texts(text) == expected
    assert parse_session(text).left == ""


@pytest.mark.parametrize(
    ("text", "awaited"),
    [
        ("eval { a;", "}"),
        ("eval { a[", "]"),
        ('eval "a', '"'),
        ("eval 'a", "'"),
        ("eval {\n# }", "}"),
    ],
)
def test_what_is_open_is_awaited(text: str, awaited: str) -> None:
    assert parse_session("match\n" + text) == Parsed((Statement("match", 1),), text, awaited)


@given(LETTERS, LETTERS)
def test_a_text_that_comes_in_two_parts_has_the_same_statements(first: str, second: str) -> None:
    whole = parse_session(f"{first}\n{second}")
    start = parse_session(f"{first}\n")
    rest = parse_session(start.left + second)
    assert [one.text for one in start.statements + rest.statements] == [
        one.text for one in whole.statements
    ]


@given(LETTERS)
def test_no_text_is_refused(text: str) -> None:
    parsed = parse_session(text)
    assert bool(parsed.left) == bool(parsed.awaited)
    for statement in parsed.statements:
        assert statement.text.strip() == statement.text != ""
        assert statement.words() == Statement(f"x {statement.rest}").words()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a=b", ("a", "b")),
        ("a=b=c", ("a", "b=c")),
        ('a["x=y"]=b', ('a["x=y"]', "b")),
        ("a='{\"b\": 1}'", ("a", '{"b": 1}')),
        ('a="two\\nlines"', ("a", "two\nlines")),
        ("a=", ("a", "")),
    ],
)
def test_an_assignment_has_a_path_and_a_value(word: str, expected: tuple[str, str]) -> None:
    assert assignment(word) == expected


def test_lines_are_counted() -> None:
    parsed = parse_session("match\n\neval {\n}\nrank; why a\n")
    assert [(one.line, one.command) for one in parsed.statements] == [
        (1, "match"),
        (3, "eval"),
        (5, "rank"),
        (5, "why"),
    ]
