"""Globs as Go's path.Match; the table is that of its documentation and of Spiderpool's behaviour."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.globs import GlobError, compile_glob, glob_matches, is_pattern

MATCHES = [
    ("abc", "abc", True),
    ("*", "abc", True),
    ("*", "", True),
    ("*c", "abc", True),
    ("a*", "a.b.c", True),
    ("a*/b", "a/c/b", False),
    ("*", "a/b", False),
    ("a*b?c*x", "abxbbxdbxebxczzx", True),
    ("a*b?c*x", "abxbbxdbxebxczzy", False),
    ("ab[c]", "abc", True),
    ("ab[b-d]", "abc", True),
    ("ab[e-g]", "abc", False),
    ("ab[^c]", "abc", False),
    ("ab[^e-g]", "abc", True),
    ("ab[!c]", "abc", True),
    ("ab[!d]", "abc", False),
    ("a\\*b", "a*b", True),
    ("a\\*b", "ab", False),
    ("a?b", "a☺b", True),
    ("a[^a]b", "a☺b", True),
    ("a???b", "a☺b", False),
    ("[a-ζ]*", "α", True),
    ("*[a-ζ]", "A", False),
    ("a?b", "a/b", False),
    ("[\\]a]", "]", True),
    ("[\\-]", "-", True),
    ("[x\\-]", "-", True),
    ("[\\-x]", "z", False),
    ("*x", "xxx", True),
    ("P1", "p1", False),
    ("p{1,2}", "p1", False),
]
MALFORMED = ["[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "a\\", "][", "p[]1"]


@pytest.mark.parametrize(("pattern", "text", "matches"), MATCHES)
def test_a_glob_matches_as_go_does(pattern: str, text: str, matches: bool) -> None:
    assert glob_matches(compile_glob(pattern), text) is matches


@pytest.mark.parametrize("pattern", MALFORMED)
def test_a_malformed_glob_is_an_error_whatever_it_is_matched_with(pattern: str) -> None:
    with pytest.raises(GlobError):
        compile_glob(pattern)


def test_a_single_bracket_makes_no_pattern() -> None:
    assert not is_pattern("p[1")
    assert is_pattern("p[1]")
    assert is_pattern("][")


@given(st.text("ab*?/", max_size=12), st.text("ab/", max_size=12))
def test_stars_and_question_marks_agree_with_a_regular_expression(pattern: str, text: str) -> None:
    regex = "".join({"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)) for c in pattern)
    assert glob_matches(compile_glob(pattern), text) is bool(re.fullmatch(regex, text))
