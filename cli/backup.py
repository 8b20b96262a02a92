"""`poolweaver backup`: a whole copy of the store, made while others write."""

from __future__ import annotations

import json

import click

from cli.progress import Progress
from cli.stored_counts import counted
from store.backup import backup
from store.read_only import open_to_read


@click.command("backup")
@click.argument("file", type=click.Path())
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(context: click.Context, file: str, force: bool, output: str) -> None:
    """Write a copy of the store, as it is at one moment, to FILE.

    Others go on writing meanwhile. The copy is checked as `check-store` does before it gets its
    name, and is readable by its owner alone. Never copy the store's files yourself while it is in
    use.
    """
    path = str(context.obj)
    with open_to_read(path) as store, Progress("copying") as progress:
        checked = backup(store, file, force=force, tell=progress.tell)
    if output == "json":
        click.echo(json.dumps({"store": path, "backup": file, "counts": checked.counts}, indent=2))
        return
    click.echo(f"{file} is a whole copy of {path}: {counted(checked.counts)}")
