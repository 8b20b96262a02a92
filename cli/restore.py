"""`poolweaver restore`: a backup in place of the store."""

from __future__ import annotations

import json

import click

from cli.stored_counts import counted
from cli.stores import now_seconds
from ipam.restore import Restored, restore

MOST_NAMED = 10


@click.command("restore")
@click.argument("file", type=click.Path())
@click.option(
    "--force", is_flag=True, help="Though the store is in use, or holds what FILE does not know."
)
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(context: click.Context, file: str, force: bool, output: str) -> None:
    """Put the backup FILE in place of the store, which is kept beside it.

    A backup knows nothing of what came after it. What the store holds by now and FILE does not
    know of is a reason to refuse; with --force it is reserved, so that nobody else gets it. What
    FILE holds and is long gone is found by `poolweaver reconcile`. Stop the container runtime, or
    the kubelet, and the agent before.
    """
    path = str(context.obj)
    done = restore(path, file, now_seconds(), force=force)
    if output == "json":
        click.echo(json.dumps(_document(path, file, done), indent=2))
        return
    click.echo(f"{path} is restored from {file}: {counted(done.counts)}")
    if done.kept_as:
        click.echo(f"the store as it was is kept as {done.kept_as}")
    _tell_of_unknown(done)
    click.echo(
        "next: `poolweaver reconcile --pods FILE`, for what the backup holds and nobody uses"
    )


def _tell_of_unknown(done: Restored) -> None:
    if done.reserved:
        shown = ", ".join(done.reserved[:MOST_NAMED])
        more = len(done.reserved) - MOST_NAMED
        shown += f" and {more} more" if more > 0 else ""
        names = " and ".join(f"spiderreservedip/{name}" for name in done.reserved_by)
        click.echo(f"held before and unknown to the backup, so reserved by {names}: {shown}")
        click.echo("next: restart the Pods that use these, then delete the spiderreservedip")
    if done.blind:
        click.echo(
            "warning: the store as it was could not be read. Addresses that were handed out after "
            "the backup may be in use, and others may be given them now: `poolweaver ip reserve` "
            "those of running Pods, or restart all Pods of this node",
            err=True,
        )


def _document(path: str, file: str, done: Restored) -> dict[str, object]:
    return {
        "store": path,
        "backup": file,
        "counts": done.counts,
        "keptAs": done.kept_as or None,
        "reserved": list(done.reserved),
        "reservedBy": list(done.reserved_by),
        "blind": done.blind,
    }
