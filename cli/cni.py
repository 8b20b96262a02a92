"""`poolweaver cni`: the plugin itself, and `cni install`, which puts it in place."""

from __future__ import annotations

from pathlib import Path

import click

from ipam.plugin import main as plugin_main


@click.group("cni", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Serve one CNI call: environment and standard input in, one JSON document out.

    A container runtime starts the plugin that `cni install` puts into its plugin folder; this
    command does the same work by hand.
    """
    if context.invoked_subcommand is None:
        context.exit(plugin_main())


@command.command("install")
@click.option("--bin-dir", required=True, metavar="DIR", help="The runtime's CNI plugin folder.")
@click.option(
    "--mode",
    type=click.Choice(["embedded"]),
    default="embedded",
    show_default=True,
    help="embedded: one process a call, straight on the database.",
)
@click.pass_context
def install(context: click.Context, bin_dir: str, mode: str) -> None:  # noqa: ARG001
    """Put the plugin, called `poolweaver`, into a CNI plugin folder. Safe to repeat."""
    from ipam.install import BINDING_NOTE, install_embedded  # noqa: PLC0415  # not for a CNI call

    path = install_embedded(bin_dir)
    db = Path(context.obj).absolute()
    click.echo(f"installed {path}")
    click.echo(f'for a network configuration: "ipam": {{"type": "poolweaver", "db": "{db}"}}')
    click.echo(BINDING_NOTE)
