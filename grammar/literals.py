"""Literals: a string's text from its quoted form (the reverse of `model.rules.quote`), integers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grammar.words import shown

if TYPE_CHECKING:
    from lark import Token

    from grammar.source import Source

_ESCAPE = re.compile(r'\\(?:(["\\])|u\{([0-9A-Fa-f]{1,6})\}|u\{[^}"\\]*\}?|.)')
_MOST_DIGITS = 19
INTEGER_LIMIT = 2**63


def read_string(source: Source, token: Token) -> str:
    r"""The text of a STRING token.

    `RuleError` (`rule-syntax`) for an escape other than `\"`, `\\` and `\u{HEX}`, or one whose
    number is no Unicode character (surrogates are none).
    """
    inner = token[1:-1]
    if "\\" not in inner:
        return inner

    def replace(match: re.Match[str]) -> str:
        quoted, digits = match.groups()
        if quoted:
            return str(quoted)
        number = int(digits, 16) if digits else -1
        if 0 <= number < 0xD800 or 0xE000 <= number <= 0x10FFFF:
            return chr(number)
        start = (token.start_pos or 0) + 1 + match.start()
        if digits:
            message = f"{shown(match.group())} is not a Unicode character"
            hint = "write a number from `0` to `d7ff` or from `e000` to `10ffff`"
        else:
            message = f"{shown(match.group())} is not an escape"
            hint = 'write `\\\\` for a backslash, `\\"` for a quote, `\\u{HEX}` for any character'
        raise source.error(message, start, start + len(match.group()), "rule-syntax", hint)

    return _ESCAPE.sub(replace, inner)


def read_integer(source: Source, token: Token) -> int:
    """The value of an INTEGER token; `RuleError` (`rule-type`) beyond 64 bits with a sign."""
    number = int(token) if len(token) <= _MOST_DIGITS + 1 else INTEGER_LIMIT
    if not -INTEGER_LIMIT <= number < INTEGER_LIMIT:
        raise source.error_at(
            f"{shown(token)} does not fit into 64 bits",
            token,
            hint=f"write an integer from `{-INTEGER_LIMIT}` to `{INTEGER_LIMIT - 1}`",
        )
    return number
