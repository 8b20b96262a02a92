"""docs/rule-language.md is run: its examples, its errors, its tables, its grammar.

What follows `rules` behind a fence says what the example is: nothing for canonical text, `loose`
for text that can be read and is not canonical (a `rules canonical` block may follow it),
`clauses` for the text of an annotation, `error` for a text whose error the next block shows.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

import grammar
from grammar.checks import ABSENTABLE, FAMILY, ORIGINS
from grammar.parse import parse, parse_clauses
from grammar.printer import print_clause, print_rules
from grammar.render import render_error
from grammar.words import KEYWORDS
from model.errors import CODES, RuleError
from model.rules import OPERATORS, RANK_FIELDS, SUBJECTS

ROOT = Path(grammar.__file__).parent.parent
PAGE = (ROOT / "docs" / "rule-language.md").read_text(encoding="utf-8")
GRAMMAR = (ROOT / "grammar" / "rules.lark").read_text(encoding="utf-8")


class Block(NamedTuple):
    kind: str
    text: str
    line: int


BLOCKS = [
    Block(match[1], match[2], PAGE.count("\n", 0, match.start()) + 1)
    for match in re.finditer(r"(?ms)^```(\S[^\n]*)\n(.*?)^```$", PAGE)
]
KINDS = {"rules", "rules loose", "rules canonical", "rules clauses", "rules error", "text", "ebnf"}


def blocks_of(kind: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind == kind]


def pairs_of(first: str, second: str) -> list[tuple[Block, Block]]:
    return [pair for pair in pairwise(BLOCKS) if (pair[0].kind, pair[1].kind) == (first, second)]


def by_line(value: Block | tuple[Block, Block]) -> str:
    return f"line {(value if isinstance(value, Block) else value[0]).line}"


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {block.kind for block in BLOCKS} == KINDS
    assert PAGE.count("```") == 2 * len(BLOCKS)


@pytest.mark.parametrize("block", blocks_of("rules") + blocks_of("rules canonical"), ids=by_line)
def test_an_example_is_canonical(block: Block) -> None:
    assert print_rules(parse(block.text)) == block.text


@pytest.mark.parametrize("block", blocks_of("rules loose"), ids=by_line)
def test_a_loose_example_can_be_read_and_is_not_canonical(block: Block) -> None:
    assert print_rules(parse(block.text)) != block.text


@pytest.mark.parametrize("pair", pairs_of("rules loose", "rules canonical"), ids=by_line)
def test_a_loose_example_has_the_canonical_form_shown(pair: tuple[Block, Block]) -> None:
    assert print_rules(parse(pair[0].text)) == pair[1].text


def test_every_canonical_form_belongs_to_a_loose_example() -> None:
    assert len(pairs_of("rules loose", "rules canonical")) == len(blocks_of("rules canonical"))


@pytest.mark.parametrize("block", blocks_of("rules clauses"), ids=by_line)
def test_an_example_of_an_annotation_can_be_read(block: Block) -> None:
    printed = [print_clause(clause) for clause in parse_clauses(block.text)]
    written = [
        line if " from " in line else line[:-1] + " from annotation;"
        for line in block.text.splitlines()
    ]
    assert printed == written


@pytest.mark.parametrize("pair", pairs_of("rules error", "text"), ids=by_line)
def test_an_error_is_shown_as_it_is_rendered(pair: tuple[Block, Block]) -> None:
    with pytest.raises(RuleError) as caught:
        parse(pair[0].text, "pools.rules")
    assert render_error(caught.value) + "\n" == pair[1].text


def test_every_error_has_its_text_and_every_text_its_error() -> None:
    count = len(pairs_of("rules error", "text"))
    assert count == len(blocks_of("rules error")) == len(blocks_of("text"))


def test_the_escapes_example_has_the_number_of_values_stated() -> None:
    block = next(block for block in blocks_of("rules loose") if "escapes" in block.text)
    clause = parse(block.text).pools[0].clauses[0]
    assert not hasattr(clause, "priority")
    assert len(clause.check[4]) == 3


def test_the_grammar_on_the_page_has_the_words_of_the_grammar_file() -> None:
    page = set(re.findall(r'"([^"]+)"', blocks_of("ebnf")[0].text))
    keywords = set(re.findall(r"(?m)^[A-Z]+\.2: /(\w+)\(", GRAMMAR))
    signs = set(re.findall(r'(?m)^[A-Z]+: "(.)"', GRAMMAR)) | {"="}
    assert page == keywords | signs


def test_the_grammar_on_the_page_has_the_rules_of_the_grammar_file() -> None:
    page = set(re.findall(r"(?m)^(\w+) +=", blocks_of("ebnf")[0].text))
    rules = set(re.findall(r"(?m)^_?([a-z]+): ", GRAMMAR))
    assert rules - {"clauses", "equal", "member", "glob", "presence", "literal"} == page - {
        "clause", "value", "origin", "field",
    }  # fmt: skip


def test_the_page_lists_every_keyword_once() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| keyword |"))
    words = re.findall(r"`(\w+)`", row)
    assert words == [word.split()[0] for word in KEYWORDS.values()]


def test_the_table_of_subjects_is_the_models() -> None:
    rows = re.findall(r'(?m)^\| `([a-z.]+)(\["KEY"\])?` \| (\w+) \| (\w+) \|', PAGE)
    assert {name: bool(key) for name, key, _, _ in rows} == SUBJECTS
    assert {name for name, _, kind, _ in rows if kind == "integer"} == {FAMILY}
    absent = {name for name, takes_key in SUBJECTS.items() if takes_key} | set(ABSENTABLE)
    assert {name for name, _, _, may in rows if may == "yes"} == absent


def test_the_table_of_operators_is_the_models() -> None:
    atoms = re.findall(r"(?m)^\| `([^`]*SUBJECT[^`]*)` \|", PAGE)
    words = [" ".join(re.findall(r"[a-z]+|=", atom)) for atom in atoms]
    assert sorted(words) == sorted(OPERATORS)


def test_the_page_names_every_code_origin_and_rank_field_in_order() -> None:
    for code in CODES["RuleError"]:
        assert f"`{code}`" in PAGE
    flat = re.sub(r"\s+", " ", PAGE)
    assert ", ".join(f"`{name}`" for name in RANK_FIELDS) in flat
    assert (
        " or ".join([", ".join(f"`{name}`" for name in ORIGINS[:-1]), f"`{ORIGINS[-1]}`"]) in flat
    )
