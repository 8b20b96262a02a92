"""`poolweaver delete`: take an object out of the store."""

from __future__ import annotations

import click

from cli.inputs import read_inputs
from cli.kinds import CLUSTER_SCOPED, DEFAULT_NAMESPACE, parse_targets, resource_name
from cli.stores import now_seconds, opened
from ipam.apply import authoring_settings
from ipam.delete import delete_object, delete_pool
from ipam.drain import drain_pool, finish_drains
from model.errors import ConfigurationError
from policy.load import load
from store.store import Store


@click.command("delete")
@click.argument("kind", required=False)
@click.argument("names", metavar="[NAME...]", nargs=-1)
@click.option(
    "--filename",
    "-f",
    "files",
    multiple=True,
    metavar="PATH",
    help="Delete the objects that these manifests name.",
)
@click.option("--namespace", "-n", default=DEFAULT_NAMESPACE, help="The objects' namespace.")
@click.option("--drain", is_flag=True, help="Stop new leases of a pool; delete it with the last.")
@click.pass_context
def command(
    context: click.Context,
    kind: str | None,
    names: tuple[str, ...],
    files: tuple[str, ...],
    namespace: str,
    drain: bool,
) -> None:
    """Delete objects. A pool that holds addresses is refused, naming the holders."""
    if bool(kind) == bool(files):
        raise click.UsageError("name a kind and objects, or files with -f")
    with opened(context) as store:
        if kind:
            targets = _named(kind, names, namespace)
        else:
            loaded = load(read_inputs(files), authoring_settings(store))
            targets = list(loaded.documents)
        for target in targets:
            _delete(store, target, drain)
        finish_drains(store, store.pools.terminating())  # a StatefulSet may have kept the last


def _named(kind: str, names: tuple[str, ...], namespace: str) -> list[tuple[str, str, str]]:
    """(kind, namespace or empty, name) of each object on the command line."""
    kind, targets = parse_targets(kind, names)
    if not targets:
        raise click.UsageError("name at least one object")
    if kind == "SpiderEndpoint":
        raise ConfigurationError(
            "a SpiderEndpoint is shown, not written",
            "`poolweaver ip release ADDRESS` lets go of one address in its holder's place",
            code="invalid-argument",
        )
    return [(kind, "" if kind in CLUSTER_SCOPED else namespace, name) for name in targets]


def _delete(store: Store, target: tuple[str, str, str], drain: bool) -> None:
    kind, namespace, name = target
    if kind != "SpiderIPPool":
        delete_object(store, kind, namespace, name, now_seconds())
    elif drain:
        held = drain_pool(store, name, now_seconds())
        if held:
            noun = "address" if held == 1 else "addresses"
            click.echo(f"{resource_name(kind, name)} draining: {held} {noun} still held")
            return
    else:
        delete_pool(store, name, now_seconds())
    click.echo(f"{resource_name(kind, name)} deleted")
