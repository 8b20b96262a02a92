"""`poolweaver import`: what another IPAM holds, into the store."""

from __future__ import annotations

import os
from collections import Counter

import click

from cli.inputs import read_file, read_inputs
from cli.new_store import created
from cli.stores import now_seconds, opened
from ipam.import_host_local import import_host_local
from ipam.import_jsonl import import_jsonl
from ipam.import_spiderpool import ImportReport, import_spiderpool
from model.errors import ManifestError

MOST_AT_LARGE = 10


@click.group("import")
def command() -> None:
    """Take over what another IPAM, or another store, holds."""


@command.command("spiderpool")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--skip-unplaced", is_flag=True, help="Go on without what cannot be taken over.")
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@click.pass_context
def spiderpool(
    context: click.Context, files: tuple[str, ...], skip_unplaced: bool, dry_run: bool
) -> None:
    """Take over the pools, reserved addresses and held addresses of Spiderpool.

    FILE is what `kubectl get spiderippool,spiderreservedip,spiderendpoint -A -o yaml` prints, or -
    for standard input. All of it, or nothing where something cannot be taken over. Safe to repeat.
    """
    inputs = read_inputs(files)
    with created(str(context.obj), dry_run) as store:
        report = import_spiderpool(
            store, inputs, now_seconds(), skip_unplaced=skip_unplaced, dry_run=dry_run
        )
    for error in report.left_out:
        _left_out(error)
    _summary(report, " (dry run)" if dry_run else "")
    for kind, count in report.skipped.items():
        noun = "object" if count == 1 else "objects"
        click.echo(f"skipped {count} {noun} of kind {kind}: not used for addresses", err=True)


@command.command("jsonl")
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@click.pass_context
def jsonl(context: click.Context, file: str, dry_run: bool) -> None:
    """Put what `poolweaver export` wrote into this store, beside what is there.

    FILE is the export, or - for standard input. All of it, or nothing where something stands in its
    way. Safe to repeat.
    """
    name, data = read_file(file)
    with created(str(context.obj), dry_run) as store:
        report = import_jsonl(store, name, data, now_seconds(), dry_run=dry_run)
    suffix = " (dry run)" if dry_run else ""
    for counts, noun in (
        (report.settings, "setting"),
        (report.pools, "pool"),
        (report.objects, "other object"),
        (report.leases, "lease"),
    ):
        _line(counts, noun, suffix)
    if report.changes:
        click.echo(f"{_many(report.changes, 'change')} of the journal: taken over{suffix}")


@command.command("host-local")
@click.argument("folder", metavar="DIR")
@click.option(
    "--pool", "pools", multiple=True, required=True, metavar="NAME",
    help="The pool that has the addresses; once more for the other family.",
)  # fmt: skip
@click.option("--network", default="", help="The CNI network. Default: the name of DIR.")
@click.option("--node", help="The node. Default: that of the store, else this host's name.")
@click.option("--skip-unplaced", is_flag=True, help="Go on without what cannot be taken over.")
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@click.pass_context
def host_local(
    context: click.Context,
    folder: str,
    pools: tuple[str, ...],
    network: str,
    node: str | None,
    skip_unplaced: bool,
    dry_run: bool,
) -> None:
    """Take over what host-local holds for the containers of this node.

    DIR is host-local's folder of one network, such as /var/lib/cni/networks/NAME. All of it, or
    nothing where something cannot be taken over. Safe to repeat. A DEL of a container then releases
    its addresses here.
    """
    with opened(context) as store:
        node = node or store.settings.bound_node() or os.uname().nodename
        report = import_host_local(
            store, folder, pools, network, node, now_seconds(),
            skip_unplaced=skip_unplaced, dry_run=dry_run,
        )  # fmt: skip
    for error in report.left_out:
        _left_out(error)
    suffix = " (dry run)" if dry_run else ""
    owners = f" of network {report.network} on node {report.node}"
    _line(report.addresses, "address", suffix, owners)
    if report.left_out:
        click.echo(f"{_many(len(report.left_out), 'problem')}: left out{suffix}")
    _warn(report.at_large)


def _left_out(error: ManifestError) -> None:
    field = f"{error.field}: " if error.field and error.field not in error.message else ""
    click.echo(f"{error.span}: left out[{error.code}]: {field}{error.message}", err=True)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)


def _summary(report: ImportReport, suffix: str) -> None:
    _line(report.pools, "pool", suffix)
    _line(report.reserved, "reserved-address object", suffix)
    if report.others:
        _line(report.others, "other object", suffix)
    _line(report.addresses, "address", suffix, f" of {_many(report.pods, 'Pod')}")
    if report.left_out:
        click.echo(f"{_many(len(report.left_out), 'problem')}: left out{suffix}")
    _warn(report.at_large)


def _warn(at_large: tuple[str, ...]) -> None:
    """Of addresses that somebody may use, and that others may be given now."""
    if at_large:
        shown = ", ".join(at_large[:MOST_AT_LARGE])
        more = len(at_large) - MOST_AT_LARGE
        shown += f" and {more} more" if more > 0 else ""
        click.echo(
            f"warning: others may be given {shown} now; `poolweaver ip reserve` keeps back what a "
            "Pod still uses",
            err=True,
        )


def _line(counts: Counter[str], noun: str, suffix: str, owners: str = "") -> None:
    results = ", ".join(f"{count} {result}" for result, count in sorted(counts.items()))
    click.echo(f"{_many(counts.total(), noun)}{owners}: {results or 'none'}{suffix}")


def _many(count: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"
