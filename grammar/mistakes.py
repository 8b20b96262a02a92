"""From Lark's syntax errors to ours: where, what was found, what would have been right, and a hint.

require pod.name == "web";
                 ^^          found; accepted: EQUAL IN MATCHES NOT; previous: `pod.name`
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lark import UnexpectedCharacters

from grammar.checks import FAMILY, unknown_subject
from grammar.words import WORDS, shown
from model.rules import SUBJECTS

if TYPE_CHECKING:
    from lark import UnexpectedInput

    from grammar.source import Source
    from model.errors import RuleError

# One word as a person would point at it, whether it is one of the language or not.
_PIECE = re.compile(
    r"""\#[^\n]*+
    | "[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"    # a string
    | "[^\n]*+                           # a string that is not closed
    | '[^'\n]*+'
    | -?[\w*?][\w./*?-]*+
    | ==|!=|<>|=~|!~|<=|>=|=>|&&|\|\||//|/\*|--
    | [^ \t\r\n]""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a reader met and what it could have read instead.

    `found` is empty at the end of the text; `previous` is the word before it, or empty at the
    start; `accepted` are names of terminals; `new_line` tells whether a line ends between both.
    `expected` are those of `accepted` that make sense behind the words before.
    """

    found: str
    start: int
    accepted: frozenset[str]
    previous: str
    previous_end: int
    before_previous: str
    new_line: bool

    @property
    def end(self) -> int:
        """The offset behind the word found."""
        return self.start + len(self.found)

    @property
    def lacks_semicolon(self) -> bool:
        """Whether the clause before was left open: nothing on its line follows but the next one."""
        over = ("", "}", "require", "shadowed", "rank", "pool")
        return "SEMICOLON" in self.accepted and (self.new_line or self.found in over)

    @property
    def expected(self) -> frozenset[str]:
        """`accepted` without what only checks.py would refuse."""
        if self.accepted >= {"EQUAL", "LBRACKET"} and not SUBJECTS.get(self.previous):
            return self.accepted - {"LBRACKET"}
        if self.accepted >= {"STRING", "INTEGER"}:
            family = self.before_previous == FAMILY
            return self.accepted - {"STRING" if family else "INTEGER", "RBRACE"}
        return self.accepted


def syntax_error(source: Source, error: UnexpectedInput) -> RuleError:
    """The `RuleError` for what Lark could not read."""
    from grammar.hints import hint_for  # noqa: PLC0415 - needed for wrong texts alone

    mistake = find_mistake(source.text, *_place(error), _accepted(error))
    if "EQUAL" in mistake.accepted and _is_unknown_name(mistake.previous):
        start = mistake.previous_end - len(mistake.previous)
        return unknown_subject(source, mistake.previous, start)
    expected = [WORDS[name] for name in mistake.expected]
    start, end = mistake.start, mistake.end
    if mistake.lacks_semicolon:
        start = end = mistake.previous_end
    return source.error(_message(mistake), start, end, "rule-syntax", hint_for(mistake), expected)


def find_mistake(text: str, offset: int, at_end: bool, accepted: frozenset[str]) -> Mistake:
    """The mistake at an offset of a text, which is read in one pass up to there."""
    before, previous, previous_end = "", "", 0
    for piece in _PIECE.finditer(text):
        if piece.start() >= offset:
            break
        if not piece.group().startswith("#"):
            before, previous, previous_end = previous, piece.group(), piece.end()
    at = None if at_end else _PIECE.match(text, offset)
    found = at.group() if at else ""
    new_line = "\n" in text[previous_end:offset]
    return Mistake(found, offset, accepted, previous, previous_end, before, new_line)


def _place(error: UnexpectedInput) -> tuple[int, bool]:
    """Where the word begins that could not be read, and whether the text ended instead.

    The end of the text is right behind its last word, before blanks and comments.
    """
    at: Any = error
    if isinstance(error, UnexpectedCharacters):
        return int(at.pos_in_stream), False
    ended = at.token.type == "$END"
    offset = at.token.end_pos if ended else at.token.start_pos
    return int(offset or 0), ended


def _accepted(error: UnexpectedInput) -> frozenset[str]:
    parser: Any = error.interactive_parser
    return frozenset(parser.accepts())


def _is_unknown_name(word: str) -> bool:
    return word[:1].isidentifier() and word not in SUBJECTS


def _message(mistake: Mistake) -> str:
    found = mistake.found
    if mistake.lacks_semicolon:
        return "missing `;`"
    if not found:
        return "unexpected end of the text"
    if found.startswith('"') and "STRING" in mistake.accepted:
        return "this string is not closed"
    if len(found) == 1 and not found.isprintable():
        return f"unexpected character U+{ord(found):04X}"
    return f"unexpected {shown(found)}"
