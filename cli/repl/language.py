"""The text of a session: statements, and the words of one.

    statement     ends at a `;` or at a line's end, outside of braces, brackets and quotes
    # comment     to the end of the line, where it starts a word
    COMMAND REST  the colon before a command may be left out

So a statement goes on over lines until its braces close, and rules need no quoting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from model.errors import ConfigurationError

_OPEN = {"{": "}", "[": "]"}
_QUOTES = "\"'"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement without the blanks around it, and the 1-based line on which it starts."""

    text: str
    line: int = 1

    @property
    def command(self) -> str:
        """The command's word, as written."""
        return self.text.split(None, 1)[0]

    @property
    def rest(self) -> str:
        """What follows the command's word, without the blanks around it."""
        return self.text[len(self.command) :].strip()

    def words(self) -> list[str]:
        """The words of the rest; blanks within quotes or brackets do not part them."""
        return list(_words(self.rest))


@dataclass(frozen=True, slots=True)
class Parsed:
    """The whole statements of a text; `left` is what is not whole yet, or empty.

    `awaited` names what would close it: `}`, `]`, or a quote.
    """

    statements: tuple[Statement, ...]
    left: str = ""
    awaited: str = ""


class _Reader:
    """One pass over a text, a character at a time."""

    def __init__(self) -> None:
        self.closers: list[str] = []
        self.quote = ""
        self.escaped = False
        self.in_comment = False
        self.word_begins = True

    def take(self, character: str) -> str:
        """What the character is: `text`, `end` of a statement, or `comment`."""
        if self.in_comment and character != "\n":
            return "comment"
        self.in_comment = False
        if self.quote:
            self._quoted(character)
            return "text"
        if character == "#" and self.word_begins:
            self.in_comment = True
            return "comment"
        self.word_begins = character.isspace() or character in ";{["
        if character in _QUOTES:
            self.quote = character
        elif character in _OPEN:
            self.closers.append(_OPEN[character])
        elif self.closers and character == self.closers[-1]:
            self.closers.pop()
        elif character in ";\n" and not self.closers:
            return "end"
        return "text"

    def _quoted(self, character: str) -> None:
        if self.escaped:
            self.escaped = False
        elif character == "\\" and self.quote == '"':
            self.escaped = True
        elif character == self.quote:
            self.quote = ""

    @property
    def awaited(self) -> str:
        return self.quote or (self.closers[-1] if self.closers else "")


def parse_session(text: str, first_line: int = 1) -> Parsed:
    """The statements of a text. Never raises: what is not whole is left."""
    reader = _Reader()
    statements, start, place = [], 0, 0
    kept: list[str] = []
    line, began = first_line, first_line
    for place, character in enumerate(text):
        kind = reader.take(character)
        if kind == "text":
            if not kept and not character.isspace():
                began = line
            if kept or not character.isspace():
                kept.append(character)
        elif kind == "end":
            if kept:
                statements.append(Statement("".join(kept).strip(), began))
            kept, start = [], place + 1
        line += character == "\n"
    if reader.awaited:
        return Parsed(tuple(statements), text[start:], reader.awaited)
    if kept:
        statements.append(Statement("".join(kept).strip(), began))
    return Parsed(tuple(statements))


def _words(text: str) -> Iterator[str]:
    reader = _Reader()
    word: list[str] = []
    for character in text:
        inside = bool(reader.quote or reader.closers)
        reader.take(character)
        if character.isspace() and not inside:
            if word:
                yield "".join(word)
            word = []
        else:
            word.append(character)
    if word:
        yield "".join(word)


def assignment(word: str) -> tuple[str, str]:
    """Path and value of `PATH=VALUE`; quotes around the value are taken off.

    `ConfigurationError` where there is no `=`.
    """
    reader = _Reader()
    for place, character in enumerate(word):
        if character == "=" and not reader.quote and not reader.closers:
            return word[:place], _unquoted(word[place + 1 :])
        reader.take(character)
    raise ConfigurationError(
        f"`{word}` gives no value", "write `:set PATH=VALUE`", code="invalid-argument"
    )


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return text
