"""Bytes of a manifest file to text, and the text cut into documents.

Whatever is no YAML at all (a picture, UTF-16, a NUL) is found here, with its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from model.errors import ManifestError
from model.spans import Span

_UNREADABLE = "manifest-unreadable"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Everything that YAML does not call printable; a byte order mark is allowed at the start alone.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_CONTENT = re.compile(r"^(?!---[ \t]*(?:#.*)?\r?$)[ \t]*[^ \t\r\n#%]", re.MULTILINE)
_BLANK = re.compile(r"\s*")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB]..\\u[dD][c-fC-F]..)")


def read_text(data: str | bytes, file: str) -> str:
    """The text, without byte order mark; `ManifestError` for what cannot be YAML."""
    text = data if isinstance(data, str) else _decode(data, file)
    text = text.removeprefix("\ufeff")
    bad = _FORBIDDEN.search(text)
    if bad is None:
        return text
    character = bad.group()
    what = "a NUL byte" if character == "\0" else f"the character U+{ord(character):04X}"
    raise ManifestError(
        f"the file has {what}, which no manifest may have",
        "give a text file of YAML or JSON; inside quotes, write such a character as an escape",
        _point(file, text[: bad.start()]),
        _UNREADABLE,
    )


def _decode(data: bytes, file: str) -> str:
    if data[:2] in _UTF16 or (len(data) > 1 and b"\0" in data[:2] and data[:2] != b"\0\0"):
        raise ManifestError(
            "the file is in UTF-16",
            "save it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`",
            Span(file, 1, 1),
            _UNREADABLE,
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ManifestError(
            f"the file is not UTF-8: the byte 0x{data[error.start]:02x} does not fit",
            "give a text file of YAML or JSON, saved as UTF-8",
            _point(file, data[: error.start].decode("utf-8").removeprefix("\ufeff")),
            _UNREADABLE,
        ) from None


def _point(file: str, before: str) -> Span:
    return Span(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def cut_documents(text: str) -> Iterator[tuple[int, str]]:
    """(1-based first line, text) of each document, so that one may be broken and others not.

    A `---` at the start of a line separates documents wherever it stands, quotes included.
    """
    line, start = 1, 0
    for match in _SEPARATOR.finditer(text):
        if match.start():
            piece = text[start : match.start()]
            if _says_something(piece):
                yield line, join_surrogates(piece)
            line += piece.count("\n")
            start = match.start()
    if _says_something(text[start:]):
        yield line, join_surrogates(text[start:])


def _says_something(piece: str) -> bool:
    """Whether a line of it is neither blank nor a comment or directive."""
    return _CONTENT.search(piece) is not None


def join_surrogates(piece: str) -> str:
    r"""JSON writes rare characters as two escapes (`\ud83d\ude00`), which YAML does not know."""
    if "\\u" not in piece:
        return piece
    return _SURROGATES.sub(lambda match: match[1] + _joined(match[2]), piece)


def _joined(escapes: str) -> str:
    try:
        return str(json.loads(f'"{escapes}"'))
    except ValueError:
        return escapes


def cut_json_values(piece: str, most: int = 250_000) -> list[tuple[int, str]]:
    """(lines before it, text) of the first JSON values that follow one another without separator.

    Each text begins with blanks, so that it stands in its own column. Empty where the piece is no
    such thing.
    """
    decoder = json.JSONDecoder()
    pieces: list[tuple[int, str]] = []
    line = line_start = 0
    start = _next(piece, 0)
    end = 0
    while start < len(piece) and len(pieces) < most:
        line += piece.count("\n", end, start)
        line_start = piece.rfind("\n", line_start, start) + 1 or line_start
        try:
            _, end = decoder.raw_decode(piece, start)
        except (ValueError, RecursionError):
            return []
        pieces.append((line, " " * (start - line_start) + piece[start:end]))
        line += piece.count("\n", start, end)
        start = _next(piece, end)
    return pieces if len(pieces) > 1 else []


def _next(piece: str, position: int) -> int:
    """The place of the next character that is no white space."""
    match = _BLANK.match(piece, position)
    return match.end() if match else position
