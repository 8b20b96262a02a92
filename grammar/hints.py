"""What to do about a syntax error. The first hint that fits is the one given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grammar.checks import FAMILY
from grammar.words import KEYWORDS, did_you_mean, shown
from model.rules import LANGUAGE_VERSION, quote

if TYPE_CHECKING:
    from grammar.mistakes import Mistake

_OR = 'there is no `or`: put the values in one set, as in `in {"a", "b"}`, or write two pools'
_AND = "there is no `and`: write a `require` clause for each condition"
_NOT = "write `not in {...}`, or `absent` for what must not be there"
_GLOB = 'there are no regular expressions: write `matches` and a glob, such as `"web-*"`'
_COMMENT = "a comment begins with `#`"
_CLAUSES = ("require", "shadowed", "rank")
_QUOTES = 'write plain double quotes: `"`'

# Words of other languages.
FOREIGN = {
    "==": "write a single `=`",
    "!=": _NOT,
    "<>": _NOT,
    "!": _NOT,
    "or": _OR,
    "||": _OR,
    "|": _OR,
    "and": _AND,
    "&&": _AND,
    "&": _AND,
    "=~": _GLOB,
    "!~": _GLOB,
    "~": _GLOB,
    "//": _COMMENT,
    "/*": _COMMENT,
    "--": _COMMENT,
    "\u201c": _QUOTES,
    "\u201d": _QUOTES,
    "\u201e": _QUOTES,
    "\u2018": _QUOTES,
    "\u2019": _QUOTES,
    "`": _QUOTES,
    "\ufeff": "save the text without a byte order mark",
    "\u00a0": "write a plain blank instead of this one",
}


def hint_for(mistake: Mistake) -> str:
    """The hint, or empty where nothing useful can be said beyond what was expected."""
    if mistake.lacks_semicolon:
        return "end the clause with `;`"
    if mistake.found in FOREIGN:
        return FOREIGN[mistake.found]
    for advise in (
        _around_a_set,
        _about_a_string,
        _about_a_keyword,
        _about_an_operator,
        _about_rank,
        _outside_a_clause,
    ):
        hint = advise(mistake)
        if hint:
            return hint
    return ""


def _around_a_set(mistake: Mistake) -> str:
    found, accepted = mistake.found, mistake.accepted
    if "RBRACKET" in accepted:
        return "close the key with `]`"
    if "COMMA" in accepted:
        return "separate the values with `,`" if _is_value(found) else "close the set with `}`"
    if mistake.previous == "," and found == "}":
        return "leave out the `,` before `}`"
    if mistake.previous == "in" and "LBRACE" in accepted:
        if found.startswith('"') and len(found) > 1 and found.endswith('"'):
            return f"put the value in braces: {shown(f'{{{found}}}')}"
        return 'write the set in braces, as in `{"a", "b"}`'
    return ""


def _is_value(found: str) -> bool:
    return found[:1] in ('"', "'") or found[:1].isalnum()


def _about_a_string(mistake: Mistake) -> str:
    found = mistake.found
    if found.startswith("'") and len(found) > 1:
        return f"write it in double quotes: {shown(quote(found[1:-1]))}"
    if mistake.previous == "=" and mistake.before_previous == FAMILY:
        return "write `4` or `6`, without quotes"
    if "STRING" not in mistake.expected:
        return ""
    if found.startswith('"'):
        return 'end it with `"` on the same line'
    if found[:1].isalnum() or found[:1] in tuple("_-*?"):
        return f"put it in double quotes: {shown(quote(found))}"
    return ""


def _about_a_keyword(mistake: Mistake) -> str:
    if mistake.found == "not" and "ABSENT" in mistake.accepted:
        return "write `absent` for what must not be there"
    words = [word for name, word in KEYWORDS.items() if name in mistake.accepted]
    return did_you_mean(mistake.found, words) if mistake.found[:1].isalpha() else ""


def _about_an_operator(mistake: Mistake) -> str:
    if "EQUAL" in mistake.accepted and mistake.found in ("", ";", "}", "from"):
        return 'say what must hold, as in `= "a"` or `in {"a", "b"}`'
    return ""


def _about_rank(mistake: Mistake) -> str:
    if "PRIORITY" in mistake.accepted:
        if mistake.found == ",":
            return "separate the fields with blanks"
        return "end the clause with a priority, as in `priority 0;`"
    if mistake.previous == "priority":
        return "write a whole number, such as `10` or `-1`"
    return ""


def _outside_a_clause(mistake: Mistake) -> str:
    found, accepted = mistake.found, mistake.accepted
    if "RULES" in accepted or mistake.previous == "rules":
        return f"begin the text with the line `rules {LANGUAGE_VERSION}`"
    if accepted == {"REQUIRE", "$END"}:
        return "only `require` clauses may stand here"
    if found == "," and "SEMICOLON" in accepted:
        return _AND
    if found.startswith('"') and "ORIGIN" in accepted:
        return "write it without quotes"
    if found == ";":
        return "leave out this `;`" if accepted & {"POOL", "REQUIRE"} else ""
    return _around_a_pool(found, accepted)


def _around_a_pool(found: str, accepted: frozenset[str]) -> str:
    if "POOL" in accepted:
        if found == "}":
            return "leave out this `}`: no pool is open here"
        if found == "rules":
            return "leave out this line: the version stands above"
        return 'write the clause inside `pool "NAME" { ... }`' if found in _CLAUSES else ""
    if accepted >= {"RBRACE", "REQUIRE"} and found in ("", "pool"):
        return "close the pool with `}`"
    return ""
