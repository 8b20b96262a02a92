"""One line on a terminal that says how far long work is; nothing elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import click


class Progress:
    """As a `with` block; `tell` writes the line anew, and the end of the block removes it."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._shown = False

    def tell(self, title: str, done: int, total: int) -> None:
        """That `done` steps of `total` are over, and the next is about `title`."""
        if sys.stderr.isatty():
            self._shown = True
            click.echo(f"\r\033[K{self._verb} {title} ({done + 1} of {total})", nl=False, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            click.echo("\r\033[K", nl=False, err=True)
