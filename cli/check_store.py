"""`poolweaver check-store`: whether all that must hold of the store does."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence

import click

from cli.loose_modes import warn_of_loose_modes
from cli.progress import Progress
from cli.stored_counts import counted
from cli.stores import opened
from model.errors import EXIT_FINDINGS
from store.database import SCHEMA_NUMBER
from store.read_only import open_to_read
from store.repair import Checked, Problem, examine, rebuild

MOST_OF_A_KIND = 20


@click.command("check-store")
@click.option(
    "--rebuild", "rebuilding", is_flag=True, help="Write anew what can be derived, then check."
)
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(context: click.Context, rebuilding: bool, output: str) -> None:
    """Prove that the store holds together; exit 3 and say what does not hold.

    Reads one moment while others go on writing, and changes nothing. With --rebuild, what is
    derived from leases, pools and objects is written anew where it is wrong: bitmap, counts,
    indexes, digests. Who holds which address is never changed, nor is the journal.
    """
    path = str(context.obj)
    mended: list[Problem] = []
    if rebuilding:
        with opened(context) as store, Progress("rebuilding") as progress:
            mended = rebuild(store, progress.tell)
    with open_to_read(path) as store, Progress("checking") as progress:
        checked = examine(store, progress.tell)
    warn_of_loose_modes(path)
    if output == "json":
        click.echo(json.dumps(_document(path, checked, mended), indent=2))
    else:
        _print(path, checked, mended, rebuilding)
    if checked.problems:
        sys.exit(EXIT_FINDINGS)


def _print(path: str, checked: Checked, mended: Sequence[Problem], rebuilding: bool) -> None:
    _print_problems("mended", mended, hints=False)
    if rebuilding and not mended:
        click.echo("nothing to rebuild")
    _print_problems("broken", checked.problems, hints=True)
    click.echo(f"store:   {path} (schema {SCHEMA_NUMBER})")
    if checked.counts:
        click.echo(f"checked: {counted(checked.counts)}")
    if checked.problems:
        count = len(checked.problems)
        click.echo(f"{count} problem{'' if count == 1 else 's'}")
    else:
        click.echo("whole:   every invariant holds")


def _print_problems(word: str, problems: Sequence[Problem], *, hints: bool) -> None:
    """Each problem with its remedy, at most some of each kind; the JSON has them all."""
    shown: Counter[str] = Counter()
    for one in problems:
        shown[one.what] += 1
        if shown[one.what] > MOST_OF_A_KIND:
            continue
        click.echo(f"{word}[{one.what}]: {one.message}")
        if hints:
            click.echo(f"  hint: {one.hint}")
    for what, count in shown.items():
        if count > MOST_OF_A_KIND:
            click.echo(f"{word}[{what}]: {count - MOST_OF_A_KIND} more; -o json lists them")


def _document(path: str, checked: Checked, mended: Sequence[Problem]) -> dict[str, object]:
    return {
        "store": path,
        "schema": SCHEMA_NUMBER,
        "whole": not checked.problems,
        "counts": checked.counts,
        "problems": [_problem(one) for one in checked.problems],
        "mended": [_problem(one) for one in mended],
    }


def _problem(one: Problem) -> dict[str, str | None]:
    return {
        "what": one.what,
        "message": one.message,
        "address": one.address or None,
        "pool": one.pool or None,
        "remedy": one.remedy,
        "hint": one.hint,
    }
