"""`poolweaver cni`: the plugin itself, and `cni install`, which puts it in place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from ipam.places import AGENT_SOCKET
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
    type=click.Choice(["embedded", "agent"]),
    default="embedded",
    show_default=True,
    help="embedded: one process a call, straight on the database. agent: a static client that asks "
    "the `poolweaver agent` of its node.",
)
@click.option(
    "--socket",
    default=AGENT_SOCKET,
    show_default=True,
    metavar="PATH",
    help="With --mode agent: where the agent listens.",
)
@click.option(
    "--conf-dir", metavar="DIR", help="Also write a network configuration into this folder."
)
@click.option("--network", default="poolweaver", show_default=True, help="Its name.")
@click.option("--main", default="bridge", show_default=True, help="Its main plugin.")
@click.option(
    "--master", default="", help="The host's interface, or the bridge, of its main plugin."
)
@click.pass_context
def install(
    context: click.Context,
    bin_dir: str,
    mode: str,
    socket: str,
    conf_dir: str | None,
    network: str,
    main: str,
    master: str,
) -> None:
    """Put the plugin, called `poolweaver`, into a CNI plugin folder. Safe to repeat."""
    from ipam.install import BINDING_NOTE, install_client, install_embedded  # noqa: PLC0415

    ipam = {"type": "poolweaver"}
    if mode == "embedded":
        path = install_embedded(bin_dir)
        ipam["db"] = str(Path(context.obj).absolute())
    else:
        path = install_client(bin_dir, os.uname().machine)
        ipam["socket"] = socket
    click.echo(f"installed {path}")
    if conf_dir is None:
        click.echo(f'for a network configuration: "ipam": {json.dumps(ipam)}')
    else:
        from ipam.network_file import network_list, write_network  # noqa: PLC0415

        written = write_network(conf_dir, network_list(network, main, master, ipam))
        click.echo(f"network `{network}` is in {written}")
    click.echo(BINDING_NOTE)
