"""`poolweaver describe`: one object with all that concerns it."""

from __future__ import annotations

import click

from cli.kinds import CLUSTER_SCOPED, DEFAULT_NAMESPACE, parse_targets
from cli.stores import opened
from cli.tables import table
from cli.yaml_text import yaml_text
from ipam.delete import not_found, pool_not_found
from ipam.endpoints import endpoints
from model.addresses import address_text
from model.leases import Lease
from store.store import Store

MOST_LEASES = 50


@click.command("describe")
@click.argument("kind")
@click.argument("name", required=False)
@click.option("--namespace", "-n", default=DEFAULT_NAMESPACE, help="The object's namespace.")
@click.pass_context
def command(context: click.Context, kind: str, name: str | None, namespace: str) -> None:
    """Show an object: a pool with its rules, counts and holders; a Pod with what it holds."""
    kind, names = parse_targets(kind, [name] if name else [])
    if len(names) != 1:
        raise click.UsageError("name one object")
    with opened(context) as store:
        if kind == "SpiderEndpoint":
            _describe_endpoint(store, namespace, names[0])
        elif kind == "SpiderIPPool":
            _describe_pool(store, names[0])
        else:
            _describe_object(store, kind, "" if kind in CLUSTER_SCOPED else namespace, names[0])


def _describe_pool(store: Store, name: str) -> None:
    record = store.pools.get(name)
    if record is None:
        raise pool_not_found(store, name)
    usage = store.pools.usage([name])[name]
    click.echo(yaml_text(record.manifest))
    click.echo(
        f"addresses: {usage.total} total, {usage.allocated} held, {usage.resting} resting, "
        f"{usage.free} free\n"
    )
    click.echo(f"rules ({record.serving.rules.digest[:12]}):")
    click.echo(_indented(record.rule_text))
    _print_leases(store.leases.by_pool(name))


def _describe_endpoint(store: Store, namespace: str, name: str) -> None:
    found = endpoints(store, namespace)
    for document in found:
        if document["metadata"]["name"] == name:
            click.echo(yaml_text(document))
            _print_leases(store.leases.by_pod(namespace, name))
            return
    raise not_found("SpiderEndpoint", name, [one["metadata"]["name"] for one in found])


def _describe_object(store: Store, kind: str, namespace: str, name: str) -> None:
    record = store.objects.get(kind, namespace, name)
    if record is None:
        known = [one.name for one in store.objects.list(kind, namespace or None)]
        raise not_found(kind, name, known)
    click.echo(yaml_text(record.manifest))
    if kind == "Pod":
        _print_leases(store.leases.by_pod(namespace, name))
        click.echo(f"`poolweaver explain pod {namespace}/{name}` says which pools it may use")


def _print_leases(leases: list[Lease]) -> None:
    if not leases:
        click.echo("holders: none")
        return
    rows = [
        [
            address_text(lease.family, lease.address),
            lease.state,
            lease.holder.pod_text,
            lease.attachment.ifname,
            lease.attachment.node,
            lease.attachment.container_id[:13],
            lease.decision,
        ]
        for lease in leases[:MOST_LEASES]
    ]
    click.echo("holders:")
    headings = ("ADDRESS", "STATE", "POD", "INTERFACE", "NODE", "CONTAINER", "DECISION")
    click.echo(_indented(table(headings, rows)))
    if len(leases) > MOST_LEASES:
        click.echo(f"  and {len(leases) - MOST_LEASES} more")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())
