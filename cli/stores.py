"""Opening the store that `--db` names, for commands."""

from __future__ import annotations

import time

import click

from store.store import Store, open_store


def opened(context: click.Context) -> Store:
    """The store of the global `--db`; `StoreMissingError` if there is none yet."""
    return open_store(str(context.obj))


def now_seconds() -> int:
    """UTC seconds since the epoch: the command line's clock, passed on to what lies below."""
    return int(time.time())
