"""How errors speak: human words for terminals, the user's words in backticks, near misses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.naming import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Terminals whose text is always the same; the text of NOT is what the reader would write.
KEYWORDS = {
    "RULES": "rules",
    "POOL": "pool",
    "REQUIRE": "require",
    "SHADOWED": "shadowed",
    "RANK": "rank",
    "PRIORITY": "priority",
    "FROM": "from",
    "IN": "in",
    "NOT": "not in",
    "EXISTS": "exists",
    "ABSENT": "absent",
    "MATCHES": "matches",
}

# Every terminal in the words of an `expected:` line.
WORDS = {name: f"`{word}`" for name, word in KEYWORDS.items()} | {
    "SUBJECT": "a subject such as `pod.name`",
    "ORIGIN": "an origin such as `podAffinity`",
    "FIELD": "an affinity field such as `podAffinity`",
    "STRING": "a string in double quotes",
    "INTEGER": "an integer",
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "SEMICOLON": "`;`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LBRACKET": "`[`",
    "RBRACKET": "`]`",
    "$END": "the end of the text",
}

_LONGEST = 48


def shown(text: str) -> str:
    r"""The user's word in backticks, cut if long, unprintable characters as `\u{HEX}`."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    escaped = (c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in cut)
    return f"`{''.join(escaped)}`"


def either(choices: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(choices[:-1]), choices[-1]] if len(choices) > 1 else choices)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known words, or empty.

    A last part alone (`label`) is near to every name that ends in it (`pod.label`).
    """
    names = list(known)
    close = nearest(word, names) or [name for name in names if name.endswith(f".{word}")]
    return f"did you mean {either([shown(name) for name in close])}?" if close else ""
