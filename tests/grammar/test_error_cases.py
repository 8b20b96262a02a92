"""The errors of the language, told in files of the language.

A case begins with `### NAME: REASON`; its text is what follows. The line where the error stands ends
in a marker, which is taken away before the text is parsed:

    #! LINE:COLUMN <UNDERLINED TEXT> CODE: MESSAGE | HINT | EXPECTED

HINT and EXPECTED may be missing. EXPECTED is as `render_error` prints it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from grammar.parse import parse
from grammar.words import either
from model.errors import CODES, RuleError
from model.spans import Span

FOLDER = Path(__file__).parent / "cases"
MARKER = re.compile(r" *#! (\d+):(\d+) <(.*?)> (rule-\w+): (.*)$")


class Case(NamedTuple):
    name: str
    reason: str
    text: str
    span: Span
    underlined: str
    code: str
    message: str
    hint: str
    expected: str


def read_cases(path: Path) -> list[Case]:
    blocks = re.split(r"(?m)^### ", path.read_text(encoding="utf-8"))
    assert blocks[0] == "", f"{path.name} begins with a case"
    return [read_case(path, block) for block in blocks[1:]]


def read_case(path: Path, block: str) -> Case:
    head, _, body = block.partition("\n")
    name, _, reason = head.partition(": ")
    lines, marks = [], []
    for number, line in enumerate(body.split("\n"), 1):
        match = MARKER.search(line)
        if match:
            assert int(match[1]) == number, f"{path.name}: {name}: the marker is beside its line"
            marks.append(match)
        lines.append(line[: match.start()] if match else line)
    assert reason, f"{path.name}: {name} has a reason"
    assert len(marks) == 1, f"{path.name}: {name} has one marker"
    line_number, column, underlined, code, rest = marks[0].groups()
    message, hint, expected = (*rest.split(" | "), "", "")[:3]
    start = int(column)
    span = Span(path.name, int(line_number), start, int(line_number), start + len(underlined))
    return Case(name, reason, "\n".join(lines), span, underlined, code, message, hint, expected)


CASES = [case for path in sorted(FOLDER.glob("*.rules")) for case in read_cases(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.span.file}:{case.name}")
def test_a_wrong_text_gives_the_error_beside_its_line(case: Case) -> None:
    with pytest.raises(RuleError) as caught:
        parse(case.text, case.span.file)
    error = caught.value
    line = case.text.split("\n")[case.span.line - 1]
    assert error.code == case.code
    assert error.message == case.message
    assert error.hint == case.hint
    assert error.span == case.span
    assert error.source_line == line
    assert line[case.span.column - 1 : case.span.end_column - 1] == case.underlined
    assert (either(error.expected) if error.expected else "") == case.expected
    assert list(error.expected) == sorted(error.expected)


def test_case_names_are_distinct() -> None:
    names = [(case.span.file, case.name) for case in CASES]
    assert len(names) == len(set(names))


def test_every_code_of_the_language_has_cases() -> None:
    assert {case.code for case in CASES} == set(CODES["RuleError"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.span.file}:{case.name}")
def test_a_message_is_one_lower_case_line_without_a_full_stop(case: Case) -> None:
    assert not case.message[0].isupper()
    assert not case.message.endswith(".")
