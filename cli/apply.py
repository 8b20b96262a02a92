"""`poolweaver apply`: manifests into the store."""

from __future__ import annotations

import click

from cli.inputs import read_inputs
from cli.kinds import resource_name
from cli.new_store import created
from cli.stores import now_seconds
from ipam.apply import apply


@click.command("apply")
@click.option(
    "--filename",
    "-f",
    "files",
    multiple=True,
    required=True,
    metavar="PATH",
    help="A manifest, a folder of manifests, or - for standard input. May be repeated.",
)
@click.option("--recursive", "-R", is_flag=True, help="Look into folders below.")
@click.option(
    "--dry-run",
    is_flag=False,
    flag_value="server",
    default="none",
    type=click.Choice(["none", "client", "server"]),
    help="Check everything, change nothing; kubectl's client and server are the same here.",
)
@click.pass_context
def command(context: click.Context, files: tuple[str, ...], recursive: bool, dry_run: str) -> None:
    """Write manifests into the store: all of them, or nothing where one is wrong."""
    inputs = read_inputs(files, recursive)
    with created(str(context.obj), dry_run != "none") as store:
        report = apply(store, inputs, now_seconds(), dry_run != "none")
    for one in report.applied:
        suffix = " (dry run)" if dry_run != "none" else ""
        click.echo(f"{resource_name(one.kind, one.name)} {one.result}{suffix}")
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    for kind, count in report.skipped.items():
        noun = "object" if count == 1 else "objects"
        click.echo(f"skipped {count} {noun} of kind {kind}: not used for addresses", err=True)
    if not report.applied and not report.skipped:
        click.echo("there was nothing to apply", err=True)
