"""`poolweaver status`: what the store holds, and what is not there yet."""

from __future__ import annotations

import click

from cli.kinds import ALIASES
from cli.loose_modes import warn_of_loose_modes
from cli.stores import opened
from store.database import SCHEMA_NUMBER

NOT_THERE_YET = (
    "Pods from the Kubernetes API (apply their manifests instead)",
    "repl, test, plan",
    "SpiderSubnet",
)


@click.command("status")
@click.pass_context
def command(context: click.Context) -> None:
    """Say what the store holds, whether it can serve, and what this version cannot do yet."""
    with opened(context) as store:
        names = [record.name for record in store.pools.list()]
        usage = store.pools.usage(names).values()
        click.echo(f"store:   {context.obj} (schema {SCHEMA_NUMBER})")
        click.echo(
            f"node:    {store.settings.bound_node() or 'not bound yet: the first ADD binds it'}"
        )
        click.echo(
            f"pools:   {len(names)}, with {sum(u.allocated for u in usage)} addresses held, "
            f"{sum(u.resting for u in usage)} resting, {sum(u.free for u in usage)} free"
        )
        counts = {kind: len(store.objects.list(kind)) for kind in ALIASES if kind != "SpiderIPPool"}
        known = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        click.echo(f"objects: {known or 'none'}")
        with store.database.transaction() as transaction:  # raises where nothing can be written
            transaction.abandon()
        click.echo("serving: yes, the store can be read and written")
    warn_of_loose_modes(str(context.obj))
    click.echo("not there yet:")
    for line in NOT_THERE_YET:
        click.echo(f"  {line}")
