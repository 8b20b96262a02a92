"""What a YAML scalar means, as kubectl reads it.

kubectl's reader (sigs.k8s.io/yaml) takes YAML 1.1's words for null, true and false, whole numbers
in four bases, and decimal fractions. Dates stay text, and there are no sexagesimal numbers.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {"": None, "~": None}
for _word in ("null",):
    _WORDS.update(dict.fromkeys((_word, _word.title(), _word.upper()), None))
for _word in ("y", "yes", "on", "true"):
    _WORDS.update(dict.fromkeys((_word, _word.title(), _word.upper()), True))
for _word in ("n", "no", "off", "false"):
    _WORDS.update(dict.fromkeys((_word, _word.title(), _word.upper()), False))
_SPECIAL = {
    ".inf": math.inf,
    "+.inf": math.inf,
    "-.inf": -math.inf,
    ".nan": math.nan,
}
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_INTEGER = 80  # more characters than any base needs for 64 bits

_TAG = "tag:yaml.org,2002:"
CONTAINER_TAGS = (_TAG + "map", _TAG + "seq")


def resolve_plain(text: str) -> Scalar:
    """The value of a scalar written without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if text.lower() in _SPECIAL:
        return _SPECIAL[text.lower()]
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(digits) and len(digits) <= _LONGEST_INTEGER:
        return _integer(digits)
    if _FLOAT.fullmatch(digits):
        return float(digits)
    return text


def _integer(text: str) -> int:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").lower()
    if digits[:2] in ("0x", "0b", "0o"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if digits[0] == "0" else 10)


def resolve_tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag; `ValueError` if the tag says something else."""
    if tag in (_TAG + "str", "!"):
        return text
    value = resolve_plain(text)
    wanted = {"null": type(None), "bool": bool, "int": int, "float": float}.get(
        tag.removeprefix(_TAG)
    )
    if wanted is float and type(value) is int:
        return float(value)
    if wanted is None or type(value) is not wanted:
        raise ValueError(tag)
    return value


def key_text(value: Scalar) -> str | None:
    """A mapping key as JSON has it, which knows texts alone; None where there is no such text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
