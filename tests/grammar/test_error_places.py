"""Errors that a case file cannot hold: invisible characters, other line ends, shifted texts."""

from __future__ import annotations

import pytest

from grammar.parse import parse, parse_clauses
from grammar.render import render_error
from model.errors import RuleError
from model.spans import Span

JUNK = [
    # text, message, hint, column, why
    ("\x00", "unexpected character U+0000", "begin the text with the line `rules 1`", 1, "binary"),
    (
        "\x7fELF",
        "unexpected character U+007F",
        "begin the text with the line `rules 1`",
        1,
        "binary",
    ),
    (
        "\ufeffrules 1",
        "unexpected character U+FEFF",
        "save the text without a byte order mark",
        1,
        "BOM",
    ),
    (
        "rules\u00a01",
        "unexpected character U+00A0",
        "write a plain blank instead of this one",
        6,
        "NBSP",
    ),
    ("\ud800", "unexpected character U+D800", "save the text as UTF-8", 1, "half a pair"),
    (
        "rules 1 # \udcff",
        "unexpected character U+DCFF",
        "save the text as UTF-8",
        11,
        "in a comment",
    ),
]


@pytest.mark.parametrize(("text", "message", "hint", "column", "why"), JUNK)
def test_invisible_junk_is_named_by_its_number(
    text: str, message: str, hint: str, column: int, why: str
) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    error = caught.value
    assert (error.code, error.message, error.hint) == ("rule-syntax", message, hint), why
    assert error.span == Span("<rules>", 1, column, 1, column + 1)


def test_windows_line_ends_are_blanks_and_not_part_of_the_source_line() -> None:
    assert parse('# a\r\nrules 1 # b\r\npool "a" {\r\n}\r\n').comments == ("a",)
    with pytest.raises(RuleError) as caught:
        parse("rules 1\r\npool a {\r\n}\r\n")
    assert caught.value.source_line == "pool a {"
    assert caught.value.span == Span("<rules>", 2, 6, 2, 7)


def test_an_error_in_an_annotation_points_into_the_manifest() -> None:
    text = 'require ip.family = 4;\nrequire pod.nam = "a";'
    with pytest.raises(RuleError) as caught:
        parse_clauses(text, "pools.yaml", line=10, column=9, later_column=5)
    error = caught.value
    assert error.message == "unknown subject `pod.nam`"
    assert error.hint == "did you mean `pod.name`?"
    assert error.span == Span("pools.yaml", 11, 13, 11, 20)
    assert error.source_line == '    require pod.nam = "a";'
    assert render_error(error).split("\n")[1:5] == [
        "  --> pools.yaml:11:13",
        "   |",
        '11 |     require pod.nam = "a";',
        "   |             ^^^^^^^",
    ]


def test_an_error_in_the_first_line_of_an_annotation_counts_from_its_column() -> None:
    with pytest.raises(RuleError) as caught:
        parse_clauses("require pod.name;", "pools.yaml", line=10, column=30, later_column=5)
    assert caught.value.span == Span("pools.yaml", 10, 46, 10, 47)
    assert caught.value.source_line == " " * 29 + "require pod.name;"


ANNOTATION = [
    # text, code, message, hint, underlined, why
    (
        "rank priority 1;",
        "rule-syntax",
        "unexpected `rank`",
        "only `require` clauses may stand here",
        "rank",
        "priority has an annotation of its own",
    ),
    (
        'shadowed pod.name = "a";',
        "rule-syntax",
        "unexpected `shadowed`",
        "only `require` clauses may stand here",
        "shadowed",
        "only the compiler knows what is shadowed",
    ),
    (
        'rules 2\npool "a" {}',
        "rule-syntax",
        "unexpected `rules`",
        "only `require` clauses may stand here",
        "rules",
        "an annotation has no version line",
    ),
    (
        'require pod.name = "a" from podAffinity;',
        "rule-type",
        "this clause comes from an annotation, not from `podAffinity`",
        "write `from annotation`, or no origin",
        "podAffinity",
        "an explanation must not name the wrong field",
    ),
    (
        'require pod.name = "a"',
        "rule-syntax",
        "missing `;`",
        "end the clause with `;`",
        "",
        "the last clause needs one too",
    ),
]


@pytest.mark.parametrize(("text", "code", "message", "hint", "underlined", "why"), ANNOTATION)
def test_an_annotation_holds_require_clauses_alone(
    text: str, code: str, message: str, hint: str, underlined: str, why: str
) -> None:
    with pytest.raises(RuleError) as caught:
        parse_clauses(text)
    error = caught.value
    assert (error.code, error.message, error.hint) == (code, message, hint), why
    assert error.span is not None
    assert text[error.span.column - 1 : error.span.end_column - 1] == underlined


def test_the_caret_stands_under_wide_characters_tabs_and_combining_marks() -> None:
    with pytest.raises(RuleError) as caught:
        parse('rules 1\npool "池e\u0301" {\n\trequire pod.label["池"] == "a";\n}')
    assert render_error(caught.value) == "\n".join(
        [
            "error[rule-syntax]: unexpected `==`",
            " --> <rules>:3:25",
            "  |",
            '3 |  require pod.label["池"] == "a";',
            "  |                          ^^",
            "expected: `=`, `in`, `matches` or `not in`",
            "hint: write a single `=`",
        ]
    )


def test_nothing_in_a_text_can_steer_the_terminal() -> None:
    with pytest.raises(RuleError) as caught:
        parse('rules 1 \x1b[31m pool "\x9b\u202e" {')
    rendered = render_error(caught.value)
    assert all(character.isprintable() or character == "\n" for character in rendered)
    assert 'rules 1 �[31m pool "��" {' in rendered


def test_of_a_long_line_the_stretch_around_the_place_is_shown() -> None:
    text = "rules 1 " + 'pool "a" {} ' * 10_000 + "poll" + " x" * 10_000
    with pytest.raises(RuleError) as caught:
        parse(text)
    lines = render_error(caught.value).split("\n")
    assert caught.value.span == Span("<rules>", 1, 120_009, 1, 120_013)
    assert len(lines[3]) < 120
    assert lines[3].startswith("1 | …")
    assert lines[3].endswith("…")
    place = lines[4].index("^")
    assert lines[3][place : place + 4] == "poll"
    assert lines[4].count("^") == 4


def test_an_error_without_a_place_is_rendered_without_one() -> None:
    assert (
        render_error(RuleError("no text", "give one"))
        == "error[rule-syntax]: no text\nhint: give one"
    )
