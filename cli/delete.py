"""`poolweaver delete`: take an object out of the store."""

from __future__ import annotations

import click

from cli.kinds import CLUSTER_SCOPED, DEFAULT_NAMESPACE, parse_targets, resource_name
from cli.stores import opened
from ipam.delete import delete_object, delete_pool


@click.command("delete")
@click.argument("kind")
@click.argument("names", metavar="NAME...", nargs=-1)
@click.option("--namespace", "-n", default=DEFAULT_NAMESPACE, help="The objects' namespace.")
@click.pass_context
def command(context: click.Context, kind: str, names: tuple[str, ...], namespace: str) -> None:
    """Delete objects. A pool that holds addresses is refused, naming the holders."""
    kind, targets = parse_targets(kind, names)
    if not targets:
        raise click.UsageError("name at least one object")
    with opened(context) as store:
        for name in targets:
            if kind == "SpiderIPPool":
                delete_pool(store, name)
            else:
                delete_object(store, kind, "" if kind in CLUSTER_SCOPED else namespace, name)
            click.echo(f"{resource_name(kind, name)} deleted")
