"""What libyaml complains about, in the words of somebody who wrote a manifest."""

from __future__ import annotations

from typing import Any

from model.errors import ManifestError
from model.spans import Span
from policy.wording import shown

_SYNTAX = "manifest-syntax"

# what libyaml says -> what is wrong, what to do
_WORDS = {
    "mapping values are not allowed in this context": (
        "a colon stands where no key can be",
        "put the value in quotes, or indent the line as its neighbours",
    ),
    "could not find expected ':'": (
        "this line is no `key: value`",
        "write a colon and a blank behind the key",
    ),
    "did not find expected key": (
        "this line does not fit the lines above it",
        "indent it as its neighbours, and put special characters in quotes",
    ),
    "did not find expected '-' indicator": (
        "this line does not fit the list above it",
        "begin it with `- `, or indent it as the key it belongs to",
    ),
    "found unexpected end of stream": ("a quote is not closed", "close it"),
    "found unexpected document indicator": ("a quote is not closed", "close it before the `---`"),
    "did not find expected <document start>": (
        "a second document begins without a separator",
        "put a line `---` between documents",
    ),
    "block sequence entries are not allowed in this context": (
        "a list begins where none can be",
        "put its first `- ` on a line of its own",
    ),
    "found unknown escape character": (
        "a backslash is followed by what is no escape",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    "found undefined tag handle": ("a tag is not known", "leave it out"),
}
_OPEN = {"]": ("[", "a list"), "}": ("{", "a mapping")}


def syntax_error(error: Any, text: str, file: str, first_line: int) -> ManifestError:
    """The complaint of the YAML reader about `text`, which starts on line `first_line`."""
    mark = getattr(error, "problem_mark", None)
    lines = text.split("\n")
    row = min(mark.line, len(lines) - 1) if mark is not None else 0
    span = Span(file, row + first_line, mark.column + 1 if mark is not None else 1)
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    tab = _tab(lines, row)
    if tab is not None:
        return ManifestError(
            "a tab indents this line",
            "indent with blanks",
            Span(file, tab[0] + first_line, tab[1] + 1),
            _SYNTAX,
        )
    message, hint = _explain(error, problem, first_line, len(lines) - 1)
    return ManifestError(message, hint, span, _SYNTAX)


def _tab(lines: list[str], row: int) -> tuple[int, int] | None:
    """A tab in the indentation of the line or of the one before it, as (row, column)."""
    for place in (row, row - 1):
        line = lines[place] if place >= 0 else ""
        column = line.find("\t")
        if column >= 0 and not line[:column].strip():
            return place, column
    return None


def _explain(error: Any, problem: str, first_line: int, last_row: int) -> tuple[str, str]:
    opened = getattr(error, "context_mark", None)
    context = str(getattr(error, "context", None) or "")
    if opened is not None and context.startswith("while parsing a flow"):
        bracket, what = _OPEN["]" if "sequence" in context or "node" in context else "}"]
        return (
            f"{what} in brackets is not closed",
            # libyaml counts a line too many where the text ends without a newline
            f"look at the `{bracket}` in line {min(opened.line, last_row) + first_line}",
        )
    if problem in _WORDS:
        return _WORDS[problem]
    if problem == "found character that cannot start any token":
        return "a value begins with a special character", "put the value in quotes"
    return f"the YAML is broken: {shown(problem)}", "mend it; `kubectl` cannot read it either"
