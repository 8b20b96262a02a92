"""`json.loads` and `json.dumps` for decision time, without what importing `json` costs.

`json` imports `re` and `enum` for its pure Python halves; a CNI call would pay more for them than
for its decision (ADR 3). The C halves alone, `_json`, do all the work here; whatever they cannot
do, errors above all, is left to `json` itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BLANKS = " \t\n\r"  # JSON's, RFC 8259 section 2


class _Context:
    """What the C scanner wants to know: the settings of `json.JSONDecoder()`."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int

    @staticmethod
    def parse_constant(name: str) -> float:
        """`NaN`, `Infinity` and `-Infinity`, as `json` reads them."""
        return float(name)


def _refuse(value: object) -> object:
    raise TypeError(f"{type(value).__name__} is no JSON value")


try:
    import _json

    _settings: Any = _Context()
    _scan: Any = _json.make_scanner(_settings)
    _encode: Any = _json.make_encoder(
        {}, _refuse, _json.encode_basestring_ascii, None, ": ", ", ", False, False, True
    )
    _encode([], 0)
except (ImportError, AttributeError, TypeError):  # another Python than CPython
    _scan = _encode = None


def loads(text: str) -> Any:
    """As `json.loads`, for text: the value, or its `ValueError` or `RecursionError`."""
    if _scan is not None:
        try:
            value, end = _scan(text, len(text) - len(text.lstrip(BLANKS)))
        except (StopIteration, ValueError, SystemError):
            pass  # SystemError: CPython 3.11 cannot say what is wrong before `json` is imported
        else:
            if not text[end:].strip(BLANKS):
                return value
    from json import loads as complete  # noqa: PLC0415 - for its errors

    return complete(text)


def dumps(value: object) -> str:
    """As `json.dumps`: one line, ASCII alone."""
    if _encode is not None:
        return "".join(_encode(value, 0))
    from json import dumps as complete  # noqa: PLC0415 - where there is no `_json`

    return complete(value)
