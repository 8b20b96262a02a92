"""`poolweaver ip`: one address shown, reserved, released."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import click

from cli.stores import now_seconds, opened
from cli.tables import table
from cli.time_text import time_text
from ipam.drain import finish_drains
from ipam.single_address import AddressReport, look_up_address, release_address, reserve_address
from model.addresses import address_text
from model.errors import ConfigurationError
from model.leases import BOUND, Lease
from model.ranges import RangeSyntaxError
from store.read_only import open_to_read

MOST_EVENTS = 10
Found = TypeVar("Found")


@click.group("ip")
def command() -> None:
    """Show, reserve or release one address."""


@command.command("show")
@click.argument("address")
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def show(context: click.Context, address: str, output: str) -> None:
    """Say which pool has ADDRESS, who holds it, and what happened to it."""
    with open_to_read(str(context.obj)) as store:
        report = _read(lambda: look_up_address(store, address))
    if output == "json":
        click.echo(json.dumps(_document(report), indent=2))
    else:
        _print(report)


@command.command("reserve")
@click.argument("address")
@click.pass_context
def reserve(context: click.Context, address: str) -> None:
    """Never hand ADDRESS out (again): make a SpiderReservedIP of it.

    Who holds it keeps it. `poolweaver delete spiderreservedip NAME` undoes it.
    """
    with opened(context) as store:
        name, report = _read(lambda: reserve_address(store, address, now_seconds()))
    text = address_text(report.family, report.address)
    click.echo(f"{text} is reserved by spiderreservedip/{name}")
    if report.lease is not None and report.lease.state == BOUND:
        click.echo(
            f"note: {report.lease.holder_text} holds it and keeps it until it lets go", err=True
        )
    if report.pool is None:
        click.echo("note: no pool has this address", err=True)


@command.command("release")
@click.argument("address")
@click.option("--force", is_flag=True, help="Even from an attachment that may still use it.")
@click.pass_context
def release(context: click.Context, address: str, force: bool) -> None:
    """Let go of ADDRESS in its holder's place.

    A kept address of a StatefulSet's Pod is let go of at once; one that is bound needs --force,
    since two interfaces with one address is what the store is there to prevent.
    """
    with opened(context) as store:
        leases = _read(lambda: release_address(store, address, now_seconds(), force))
        finish_drains(store, {lease.pool for lease in leases})
    for lease in leases:
        text = address_text(lease.family, lease.address)
        click.echo(f"{text} of {lease.pool} is released; {lease.holder_text} held it")


def _read(action: Callable[[], Found]) -> Found:
    """What the action gives; a text that is no address becomes an error with a hint."""
    try:
        return action()
    except RangeSyntaxError as error:
        raise ConfigurationError(str(error), error.hint, code="invalid-argument") from None


def _print(report: AddressReport) -> None:
    click.echo(f"{address_text(report.family, report.address)}: {report.state}")
    if report.pool is not None:
        click.echo(f"  pool:        {report.pool.name}")
    elif report.subnets:
        click.echo(f"  in the subnet, not in the addresses, of: {', '.join(report.subnets)}")
    if report.reserved_by:
        click.echo(f"  reserved by: {', '.join(report.reserved_by)}")
    if report.lease is not None:
        _print_lease(report.lease)
    if report.history:
        click.echo(f"  last changes (of {len(report.history)}):")
        rows = [
            [
                time_text(e.at_seconds),
                e.event,
                e.pool,
                e.holder.pod_text or e.attachment.container_id,
                e.decision,
            ]
            for e in report.history[-MOST_EVENTS:]
        ]
        text = table(("TIME", "EVENT", "POOL", "HOLDER", "REASON"), rows)
        click.echo("\n".join(f"    {line}" for line in text.splitlines()))


def _print_lease(lease: Lease) -> None:
    attachment = lease.attachment
    click.echo(
        f"  holder:      {lease.holder_text}, interface {attachment.ifname}, node {attachment.node}"
    )
    click.echo(f"  container:   {attachment.container_id}, network {attachment.network}")
    click.echo(f"  since:       {time_text(lease.changed_at_seconds)}")
    if lease.rests_until_seconds:
        click.echo(f"  rests until: {time_text(lease.rests_until_seconds)}")
    if lease.decision:
        click.echo(f"  decision:    {lease.decision}")


def _document(report: AddressReport) -> dict[str, object]:
    lease = report.lease
    return {
        "address": address_text(report.family, report.address),
        "state": report.state,
        "pool": report.pool.name if report.pool else None,
        "reservedBy": list(report.reserved_by),
        "holder": {
            "pod": lease.holder.pod_text or None,
            "uid": lease.holder.pod_uid or None,
            "interface": lease.attachment.ifname,
            "node": lease.attachment.node,
            "network": lease.attachment.network,
            "containerID": lease.attachment.container_id,
            "since": time_text(lease.changed_at_seconds),
            "decision": lease.decision or None,
        }
        if lease
        else None,
        "history": [
            {
                "time": time_text(e.at_seconds),
                "event": e.event,
                "pool": e.pool,
                "pod": e.holder.pod_text or None,
            }
            for e in report.history
        ],
    }
