"""The grammar file, the words of errors and the model speak of the same things."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import grammar
from grammar.checks import ABSENTABLE, FAMILY
from grammar.parse import parse_clauses
from grammar.words import KEYWORDS, WORDS
from model.errors import RuleError
from model.rules import LANGUAGE_VERSION, OPERATORS, SUBJECTS, check_text

GRAMMAR = (Path(grammar.__file__).parent / "rules.lark").read_text(encoding="utf-8")
HIDDEN = {"NAME", "BLANKS", "COMMENT"}


def test_every_terminal_has_human_words() -> None:
    terminals = set(re.findall(r"(?m)^([A-Z]+)(?:\.\d)?: ", GRAMMAR))
    assert terminals - HIDDEN == set(WORDS) - {"$END"}


def test_every_keyword_wins_over_names_and_is_never_one() -> None:
    keywords = dict(re.findall(r"(?m)^([A-Z]+)\.2: /(\w+)\(\?!\[\\w\.\]\)/$", GRAMMAR))
    assert keywords == KEYWORDS | {"NOT": "not"}
    name = re.search(r"(?m)^NAME: /\(\?!\(\?:([a-z|]+)\)", GRAMMAR)
    assert name is not None
    assert sorted(name[1].split("|")) == sorted(keywords.values())


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
@pytest.mark.parametrize("operator", OPERATORS)
def test_each_operator_goes_with_the_subjects_it_is_meant_for(subject: str, operator: str) -> None:
    value = ("4",) if subject == FAMILY else ("a",)
    values = () if operator in ("exists", "absent") else value
    check = ("annotation", subject, "k" if SUBJECTS[subject] else "", operator, values)
    if subject == FAMILY:
        allowed = operator == "="
    else:
        allowed = operator not in ("exists", "absent") or SUBJECTS[subject] or subject in ABSENTABLE
    if allowed:
        assert parse_clauses(f"require {check_text(check)};")[0].check == check
    else:
        with pytest.raises(RuleError) as caught:
            parse_clauses(f"require {check_text(check)};")
        assert caught.value.code == "rule-type"


def test_the_language_has_the_version_that_compiled_rules_name() -> None:
    assert LANGUAGE_VERSION == 1


def test_importing_the_parser_builds_nothing_yet() -> None:
    code = "from grammar.parse import _parser; print(_parser.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
