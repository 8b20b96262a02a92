"""`poolweaver reconcile`: leases against the Pods there are."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from cli.inputs import read_inputs
from cli.stores import now_seconds, opened
from cli.tables import table
from cli.time_text import time_text
from ipam.complete import check_complete, check_known_pods
from ipam.reconcile import (
    CHANGED,
    GRACE_SECONDS,
    NEWER,
    NO_POD,
    OVER_LIMIT,
    PRESENT,
    STORE_BUSY,
    WANTED,
    ReconcileReport,
    reconcile,
)
from ipam.sandboxes import Sandboxes, check_any, read_sandboxes
from model.errors import ConfigurationError
from model.facts import PodFacts
from policy.pod_list import read_pod_list
from store.store import Store

UNTOUCHED = (PRESENT, NO_POD, WANTED)


@click.command("reconcile")
@click.option(
    "--pods",
    metavar="FILE",
    help="All Pods there are, as `kubectl get pods -A -o json` or -o yaml prints them; - for "
    "standard input. Default: the Pods that were applied.",
)
@click.option(
    "--sandboxes",
    metavar="FILE",
    help="All sandboxes that run on the node, as `crictl pods -o json` prints them, or one "
    "container id a line; - for standard input.",
)
@click.option("--node", help="Whose sandboxes these are. Default: the node that the store serves.")
@click.option(
    "--grace",
    type=click.IntRange(min=0),
    metavar="SECONDS",
    default=GRACE_SECONDS,
    show_default=True,
    help="How long a Pod must be absent, from the first look to the last.",
)
@click.option(
    "--force", is_flag=True, help="Without the limit of a tenth, and whatever the list looks like."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--output", "-o", type=click.Choice(["text", "wide", "json"]), default="text")
@click.pass_context
def command(
    context: click.Context,
    pods: str | None,
    sandboxes: str | None,
    node: str | None,
    grace: int,
    force: bool,
    dry_run: bool,
    output: str,
) -> None:
    """Let go of what absent Pods hold, once two looks with a grace between them saw them absent.

    A Pod is absent when it is not in the list, has ended, has another UID than the lease, or when
    its sandbox does not run. One run lets go of a tenth of all leases at most. Kept addresses that
    no StatefulSet wants any more are let go of at once. Run it every few minutes, or when
    addresses leak.
    """
    if pods == sandboxes == "-":
        raise click.UsageError("--pods and --sandboxes cannot both be standard input")
    with opened(context) as store:
        known = _pods(store, pods, force)
        running = _sandboxes(store, sandboxes, node, force)
        report = reconcile(
            store,
            known,
            now_seconds(),
            grace_seconds=grace,
            force=force,
            dry_run=dry_run,
            sandbox_lives=running.lives if running else None,
            looked_at_seconds=min(
                (_time_of(one) for one in (pods, sandboxes) if one), default=None
            ),
        )
    if output == "json":
        click.echo(json.dumps(_document(report), indent=2))
    else:
        _print(report, wide=output == "wide", listed=bool(pods or sandboxes))


def _pods(store: Store, path: str | None, force: bool) -> list[PodFacts] | None:
    if path is None:
        if not force:
            check_known_pods(store)
        return None
    ((name, data),) = _read(path, "--pods")
    pods = read_pod_list(data, name)
    if not force:
        check_complete(store, pods, name)
    return pods


def _sandboxes(store: Store, path: str | None, node: str | None, force: bool) -> Sandboxes | None:
    if path is None:
        return None
    whose = node or store.settings.bound_node()
    if whose is None:
        raise ConfigurationError(
            "the store serves no node yet, so that it is not clear whose sandboxes these are",
            "name the node with --node, as the leases have it: see `poolweaver ip show ADDRESS`",
            code="invalid-argument",
        )
    ((name, data),) = _read(path, "--sandboxes")
    found = read_sandboxes(data, name, whose)
    if not force:
        check_any(found, name)
    return found


def _read(path: str, option: str) -> list[tuple[str, bytes]]:
    if path != "-" and Path(path).is_dir():
        raise ConfigurationError(
            f"`{path}` is a folder", f"give one file to {option}", code="invalid-argument"
        )
    return read_inputs([path])


def _time_of(path: str) -> int:
    """When the file was written, which is when what it says was so."""
    return now_seconds() if path == "-" else int(Path(path).stat().st_mtime)


def _print(report: ReconcileReport, *, wide: bool, listed: bool) -> None:
    shown = [one for one in report.leases if wide or one.action not in UNTOUCHED]
    if shown:
        rows = [[one.address, one.pool, one.pod, one.action, one.reason] for one in shown]
        click.echo(table(("ADDRESS", "POOL", "POD", "RESULT", "WHY"), rows))
    counts = Counter(one.action for one in report.leases)
    results = ", ".join(f"{count} {action}" for action, count in counts.items()) or "none"
    suffix = " (dry run: nothing was changed)" if report.dry_run else ""
    click.echo(f"leases: {results}{suffix}")
    for line in _next_steps(report, counts, listed):
        click.echo(f"next: {line}")


def _next_steps(report: ReconcileReport, counts: Counter[str], listed: bool) -> list[str]:
    """What to run next, in lines; none where all is settled."""
    if report.dry_run:
        touched = counts.total() > sum(counts[action] for action in UNTOUCHED)
        return ["the same without --dry-run does it"] if touched else []
    steps = []
    again = "run it again with a list that is printed then" if listed else "run it again"
    if report.ready_at_seconds is not None:
        clock = time_text(report.ready_at_seconds)
        steps.append(f"{again}, at {clock} or later: who is still absent loses the address")
    if counts[OVER_LIMIT]:
        left = f"{counts[OVER_LIMIT]} {'is' if counts[OVER_LIMIT] == 1 else 'are'}"
        steps.append(
            f"{left} left because of the limit of {report.limit} a run: see that "
            f"these Pods are gone, then {again}, or with --force for all of them"
        )
    if counts[CHANGED] or counts[STORE_BUSY] or counts[NEWER]:
        steps.append(f"{again} for those that are changed, busy or newer")
    return steps


def _document(report: ReconcileReport) -> dict[str, object]:
    return {
        "dryRun": report.dry_run,
        "limit": report.limit,
        "readyAt": report.ready_at_seconds,
        "counts": dict(Counter(one.action for one in report.leases)),
        "leases": [
            {
                "address": one.address,
                "pool": one.pool,
                "pod": one.pod or None,
                "result": one.action,
                "reason": one.reason,
            }
            for one in report.leases
        ],
    }
