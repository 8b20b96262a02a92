r"""Text to tree. Raises `model.errors.RuleError` and nothing else, whatever the text.

text --Lark--> Lark's tree --build, checks--> Ruleset
          \--mistakes, hints--> RuleError
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lark import Lark, UnexpectedInput

from grammar.build import build_clauses, build_ruleset
from grammar.mistakes import syntax_error
from grammar.source import Source
from grammar.version import version_error

if TYPE_CHECKING:
    from lark import Token, Tree

    from grammar.tree import Require, Ruleset


def parse(text: str, file: str = "<rules>") -> Ruleset:
    """The tree of a whole text.

    Values of a set come out sorted and without duplicates. `RuleError` has the code `rule-syntax`,
    `rule-version` (another version of the language) or `rule-type`, and always a span.
    """
    source = Source(text, file)
    return build_ruleset(source, _read(source, "ruleset"))


def parse_clauses(
    text: str, file: str = "<rules>", line: int = 1, column: int = 1, later_column: int = 1
) -> tuple[Require, ...]:
    """The `require` clauses of the annotation `poolweaver.io/require`; no text is no clause.

    Every check has the origin `annotation`, written or not. `line` and `column` say where the text
    begins in `file`, `later_column` where its other lines do (in a YAML block all are indented);
    spans count from there. Errors as `parse`, also for any clause but `require`.
    """
    source = Source(text, file, line, column, later_column)
    return build_clauses(source, _read(source, "clauses"))


def _read(source: Source, start: str) -> Tree[Token]:
    _refuse_surrogates(source)
    try:
        return _parser().parse(source.text, start=start)
    except UnexpectedInput as error:
        newer = version_error(source) if start == "ruleset" else None
        raise newer or syntax_error(source, error) from None


@cache
def _parser() -> Lark:
    """The one Lark parser, built when the first text comes. It keeps no state between texts."""
    return Lark.open(
        "rules.lark",
        rel_to=__file__,
        parser="lalr",
        lexer="contextual",
        start=["ruleset", "clauses"],
        maybe_placeholders=True,
    )


def _refuse_surrogates(source: Source) -> None:
    """Halves of UTF-16 pairs are no text: no file and no database could hold them."""
    if source.text.isascii():
        return
    try:
        source.text.encode()
    except UnicodeEncodeError as error:
        raise source.error(
            f"unexpected character U+{ord(source.text[error.start]):04X}",
            error.start,
            error.start + 1,
            "rule-syntax",
            "save the text as UTF-8",
        ) from None
