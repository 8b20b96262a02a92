"""`poolweaver journal`: keeping the journal within its bounds."""

from __future__ import annotations

import click

from cli.stores import now_seconds, opened
from cli.time_text import time_text
from ipam.journal_bounds import prune_journal


@click.group("journal")
def command() -> None:
    """Keep the journal of all leases within its bounds."""


@command.command("prune")
@click.pass_context
def prune(context: click.Context) -> None:
    """Forget at once what is over the settings `journal_days` and `journal_rows`.

    CNI calls do the same by themselves, a little at a time. How an address came into the hands that
    hold it now is never forgotten. Safe to repeat.
    """
    with opened(context) as store:
        forgotten = prune_journal(store, now_seconds())
        left, known_from = store.journal.row_count(), store.journal.known_from()
    noun = "change" if forgotten == 1 else "changes"
    since = f"; it is complete from {time_text(known_from)} on" if known_from is not None else ""
    click.echo(f"{forgotten} {noun} forgotten, {left} left in the journal{since}")
