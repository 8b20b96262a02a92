"""Laws: printing and parsing undo each other, and no text makes anything but a RuleError escape."""

from __future__ import annotations

import re
import string
import threading
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grammar.checks import ABSENTABLE, FAMILY, ORIGINS
from grammar.globs import glob_problem
from grammar.parse import parse, parse_clauses
from grammar.printer import print_clause, print_rules
from grammar.render import render_error
from grammar.tree import PoolBlock, Rank, Require, Ruleset, Shadowed
from model.errors import CODES, RuleError
from model.rules import RANK_FIELDS, SUBJECTS, Check, check_text, quote

LAW = settings(deadline=None)  # the first text pays for building the parser
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = TEXTS.filter(bool) | st.sampled_from(
    ["a", "pool-10", 'q"', "\\", "#", "{", "rules 1", "池"]
)
COMMENTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")).map(
    lambda text: text.rstrip()
)
LEADING = st.lists(COMMENTS, max_size=3).map(tuple)
TRAILING = st.none() | COMMENTS
GLOBS = (TEXTS | st.text("ab-]^[*?\\", max_size=8)).filter(lambda text: not glob_problem(text))
SETS = st.sets(TEXTS, min_size=1, max_size=4).map(lambda values: tuple(sorted(values)))


@st.composite
def checks(draw: st.DrawFn) -> Check:
    origin = draw(st.sampled_from(["", *ORIGINS]))
    subject = draw(st.sampled_from(sorted(SUBJECTS)))
    key = draw(NAMES) if SUBJECTS[subject] else ""
    if subject == FAMILY:
        return origin, subject, "", "=", (draw(st.sampled_from(["4", "6"])),)
    operators = ["=", "in", "not in", "matches"]
    if SUBJECTS[subject] or subject in ABSENTABLE:
        operators += ["exists", "absent"]
    operator = draw(st.sampled_from(operators))
    values = {"=": TEXTS.map(lambda text: (text,)), "matches": GLOBS.map(lambda text: (text,))}
    unary = st.just(()) if operator in ("exists", "absent") else SETS
    return origin, subject, key, operator, draw(values.get(operator, unary))


RANKS = st.builds(
    Rank,
    st.sets(st.sampled_from(RANK_FIELDS)).map(
        lambda fields: tuple(field for field in RANK_FIELDS if field in fields)
    ),
    st.integers(-(2**63), 2**63 - 1),
    LEADING,
    TRAILING,
)
ATOMS = st.builds(Require, checks(), LEADING, TRAILING) | st.builds(
    Shadowed, checks(), LEADING, TRAILING
)


@st.composite
def clause_lists(draw: st.DrawFn) -> tuple[Require | Shadowed | Rank, ...]:
    clauses: list[Require | Shadowed | Rank] = draw(st.lists(ATOMS, max_size=4))
    if draw(st.booleans()):
        clauses.insert(draw(st.integers(0, len(clauses))), draw(RANKS))
    return tuple(clauses)


BLOCKS = st.builds(PoolBlock, NAMES, clause_lists(), LEADING, TRAILING, LEADING)
RULESETS = st.builds(
    Ruleset,
    st.just(1),
    st.lists(BLOCKS, max_size=3, unique_by=lambda block: block.name).map(tuple),
    LEADING,
    TRAILING,
    LEADING,
)


@given(RULESETS)
@LAW
def test_parsing_undoes_printing(tree: Ruleset) -> None:
    assert parse(print_rules(tree)) == tree


@given(RULESETS)
@LAW
def test_printing_is_idempotent(tree: Ruleset) -> None:
    text = print_rules(tree)
    assert print_rules(parse(text)) == text


@given(checks())
@LAW
def test_a_check_reads_back_as_explanations_print_it(check: Check) -> None:
    clause = parse_clauses(f"require {check_text(check)};")[0]
    assert clause.check == ("annotation", *check[1:])


@given(TEXTS)
@LAW
@example('\\"\n\t\r\0\x7f\x85\u2028\ufeff\U0010ffff')
def test_a_quoted_string_reads_back_and_stays_on_one_printable_line(text: str) -> None:
    assert quote(text).isprintable()
    clause = parse_clauses(f"require pod.name = {quote(text)};")[0]
    assert clause.check[4] == (text,)


@given(st.lists(checks(), max_size=4), st.integers(1, 50), st.integers(1, 50), st.integers(1, 50))
@LAW
def test_spans_of_an_annotation_are_those_of_its_place(
    found: list[Check], line: int, column: int, later: int
) -> None:
    lines = [print_clause(Require(("annotation", *check[1:]))) for check in found]
    placed = parse_clauses("\n".join(lines), "a", line, column, later)
    for index, (text, clause) in enumerate(zip(lines, placed, strict=True)):
        start = later if index else column
        assert (clause.span.line, clause.span.column) == (line + index, start)
        assert (clause.span.end_line, clause.span.end_column) == (line + index, start + len(text))


# No text lets anything but a RuleError escape


def assert_parses_or_says_why(text: str) -> None:
    try:
        tree = parse(text)
    except RuleError as error:
        assert_well_told(error, text)
    else:
        canonical = print_rules(tree)
        assert parse(canonical) == tree
        assert print_rules(parse(canonical)) == canonical
    try:
        parse_clauses(text)
    except RuleError as error:
        assert_well_told(error, text)


def assert_well_told(error: RuleError, text: str) -> None:
    lines = text.split("\n")
    assert error.code in CODES["RuleError"]
    assert error.message.isprintable()
    assert len(error.message) + len(error.hint) < 500
    assert error.span is not None
    assert 1 <= error.span.line <= error.span.end_line <= len(lines)
    assert error.source_line == lines[error.span.line - 1].rstrip("\r")
    assert 1 <= error.span.column <= len(lines[error.span.line - 1]) + 1
    assert error.span.line < error.span.end_line or error.span.column <= error.span.end_column
    rendered = render_error(error)
    assert all(len(line) < 400 for line in rendered.split("\n"))
    assert all(character.isprintable() or character == "\n" for character in rendered)


TEXT_OF_CASES = "\n".join(
    re.sub(r" *#!.*", "", path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "cases").glob("*.rules"))
)
WORDS = sorted(set(re.findall(r'"[^"\n]*"|[\w.]+|\S', TEXT_OF_CASES)))


@given(st.text())
@LAW
def test_no_text_at_all_escapes(text: str) -> None:
    assert_parses_or_says_why(text)


@given(st.text(string.printable))
@LAW
def test_no_text_after_a_version_line_escapes(text: str) -> None:
    assert_parses_or_says_why("rules 1\n" + text)


@given(st.lists(st.sampled_from(WORDS), max_size=30), st.sampled_from([" ", "\n", ""]))
@LAW
def test_no_sequence_of_known_words_escapes(words: list[str], blank: str) -> None:
    assert_parses_or_says_why('rules 1 pool "a" { require ' + blank.join(words))


@given(RULESETS, st.data())
@settings(LAW, max_examples=300)
def test_no_mutation_of_a_valid_text_escapes(tree: Ruleset, data: st.DataObject) -> None:
    text = print_rules(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        inserted = data.draw(st.sampled_from(["", *WORDS]) | st.text(max_size=4))
        text = text[:start] + inserted + text[end:]
    assert_parses_or_says_why(text)


@given(st.binary())
@LAW
def test_no_binary_junk_escapes(junk: bytes) -> None:
    assert_parses_or_says_why(junk.decode("latin-1"))
    assert_parses_or_says_why("rules 1\n" + junk.decode("utf-8", "surrogateescape"))


MEGABYTE = 1_000_000
LARGE = [
    ("one word", "a" * MEGABYTE),
    ("one word in a set", 'rules 1 pool "a" { require pod.name in {' + "a" * MEGABYTE),
    ("an unknown subject", 'rules 1 pool "a" { require ' + "a" * MEGABYTE + ' = "";}'),
    ("one open string", 'rules 1 pool "' + "a" * MEGABYTE),
    ("open escapes", 'rules 1 pool "' + r"\"" * (MEGABYTE // 2)),
    ("one string", 'rules 1 pool "' + "a" * MEGABYTE + '" { require ip.family = 4; ]'),
    ("quotes", "rules 1 " + '"' * (MEGABYTE + 1)),
    ("single quotes", "rules 1 " + "'" * (MEGABYTE + 1)),
    ("braces", "rules 1 " + 'pool "a" {' * (MEGABYTE // 10)),
    ("open braces", "rules 1 " + "{" * MEGABYTE),
    ("brackets", 'rules 1 pool "a" { require pod.label' + "[" * MEGABYTE),
    ("blanks", " " * MEGABYTE),
    ("blanks before junk", " " * MEGABYTE + "x"),
    ("lines", "rules 1" + "\n" * MEGABYTE + "x"),
    ("comments", "#\n" * (MEGABYTE // 2) + "x"),
    ("one comment", "#" * MEGABYTE),
    ("an open class", 'rules 1 pool "a" { require pod.name matches "' + "[" * MEGABYTE + '"; }'),
    ("digits", "rules " + "1" * MEGABYTE),
    ("a priority", 'rules 1 pool "a" { rank priority ' + "9" * MEGABYTE + "; }"),
    ("fields", 'rules 1 pool "a" { rank ' + "nodeName " * 50_000 + "priority 0; }"),
    ("NUL", "\0" * MEGABYTE),
    ("a set", 'rules 1 pool "a" { require pod.name in {' + '"a",' * 50_000 + "} }"),
]


@pytest.mark.parametrize(("name", "text"), LARGE, ids=[name for name, _ in LARGE])
def test_a_megabyte_of_anything_is_refused_like_a_short_text(name: str, text: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert_well_told(caught.value, text)


def test_a_megabyte_of_a_good_glob_is_read() -> None:
    glob = "[a]*" * (MEGABYTE // 4)
    assert parse_clauses(f'require pod.name matches "{glob}";')[0].check[4] == (glob,)


def test_many_pools_in_one_text_are_read_and_their_last_error_found() -> None:
    text = print_rules(Ruleset(1, tuple(PoolBlock(f"p{n}", (Rank((), n),)) for n in range(2000))))
    assert len(parse(text).pools) == 2000
    with pytest.raises(RuleError) as caught:
        parse(text + 'pool "p1999" {}')
    assert caught.value.message == "there are two pools called `p1999`"
    assert caught.value.hint == "the first is in line 7998; rename or remove one"


def test_threads_may_parse_at_once() -> None:
    texts = [f'rules 1\npool "p{n}" {{\n  rank priority {n};\n}}\n' for n in range(50)]
    printed: dict[str, str] = {}

    def work(part: list[str]) -> None:
        printed.update({text: print_rules(parse(text)) for text in part})

    threads = [threading.Thread(target=work, args=(texts[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert printed == {text: text for text in texts}


# path.Match of Go 1.22, by hand: whether the pattern is well formed.
GO_GLOBS = [
    ("[", False), ("[]", False), ("[]a]", False), ("[-]", False), ("[x-]", False), ("[-x]", False),
    ("[a-b-c]", False), ("[^", False), ("[^bc", False), ("a[", False), ("\\", False), ("a\\", False),
    ("[\\", False), ("[\\]", False), ("[a\\", False), ("[a-\\", False), ("[^]", False), ("[a", False),
    ("[[", False), ("*[", False), ("[a]", True), ("[^a]", True), ("[a-z]*", True), ("[z-a]", True),
    ("[\\]]", True), ("[\\-x]", True), ("[x\\-]", True), ("[[]", True), ("]", True), ("-", True),
    ("a]b", True), ("\\[", True), ("\\\\", True), ("[*]", True), ("[^^]", True), ("", True),
    ("[a-z-]", False), ("[a-]b]", False), ("*?**", True), ("[!a]", True),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "good"), GO_GLOBS)
def test_a_glob_is_well_formed_where_go_says_so(pattern: str, good: bool) -> None:
    assert (glob_problem(pattern) == "") is good
