"""The comments of a text, handed out in the order in which the tree asks for them."""

from __future__ import annotations

import re
from collections import deque

_PIECE = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|#[^\n]*|[^\s"#]+')


class Comments:
    """The comments of a text that Lark has accepted, first to last; each is given out once.

    A text without `#`, which is nearly every compiled one, costs nothing.
    """

    __slots__ = ("_left",)

    def __init__(self, text: str) -> None:
        self._left = deque(_find(text)) if "#" in text else deque()

    def before(self, offset: int) -> tuple[str, ...]:
        """The comments that begin before this offset and were not given out yet."""
        found = []
        while self._left and self._left[0][0] < offset:
            found.append(self._left.popleft()[2])
        return tuple(found)

    def behind(self, offset: int) -> str | None:
        """The comment on the same line as the token that ends at this offset, right behind it."""
        if self._left and self._left[0][1] == offset:
            return self._left.popleft()[2]
        return None


def comment_text(comment: str) -> str:
    """A comment without `#`, without the blank after it, and without blanks at its end."""
    return comment[1:].removeprefix(" ").rstrip()


def _find(text: str) -> list[tuple[int, int, str]]:
    """(offset, where the token before it on its line ends or -1, text) of each comment."""
    found = []
    token_end = -1
    for piece in _PIECE.finditer(text):
        start = piece.start()
        if text[start] != "#":
            token_end = piece.end()
            continue
        alone = token_end < 0 or "\n" in text[token_end:start]
        found.append((start, -1 if alone else token_end, comment_text(piece.group())))
        token_end = -1
    return found
