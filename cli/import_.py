"""`poolweaver import`: what another IPAM holds, into the store."""

from __future__ import annotations

from collections import Counter

import click

from cli.inputs import read_inputs
from cli.stores import now_seconds
from ipam.import_spiderpool import ImportReport, import_spiderpool
from model.errors import ManifestError
from store.create import create_store

MOST_AT_LARGE = 10


@click.group("import")
def command() -> None:
    """Take over what another IPAM holds."""


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
    with create_store(str(context.obj)) as store:
        report = import_spiderpool(
            store, inputs, now_seconds(), skip_unplaced=skip_unplaced, dry_run=dry_run
        )
    for error in report.left_out:
        _left_out(error)
    _summary(report, " (dry run)" if dry_run else "")
    for kind, count in report.skipped.items():
        noun = "object" if count == 1 else "objects"
        click.echo(f"skipped {count} {noun} of kind {kind}: not used for addresses", err=True)


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
    if report.at_large:
        shown = ", ".join(report.at_large[:MOST_AT_LARGE])
        more = len(report.at_large) - MOST_AT_LARGE
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
