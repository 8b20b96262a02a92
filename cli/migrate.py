"""`poolweaver migrate`: a store of an older schema to this program's."""

from __future__ import annotations

import click

from ipam.migrate import migrate


@click.command("migrate")
@click.pass_context
def command(context: click.Context) -> None:
    """Bring the store to the schema of this program. Safe to repeat."""
    before, after = migrate(str(context.obj))
    click.echo(
        f"schema {after}: nothing to do" if before == after else f"schema {before} -> {after}"
    )
