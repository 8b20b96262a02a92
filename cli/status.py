"""`poolweaver status`: the store and the agent for people, and what is not there yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from cli.kinds import ALIASES
from cli.loose_modes import warn_of_loose_modes
from cli.stores import now_seconds
from cli.tables import table
from cli.time_text import time_text
from ipam.health import Health, health
from ipam.places import AGENT_SOCKET
from model.errors import StoreError
from store.read_only import open_to_read

NOT_THERE_YET = (
    "Pods from the Kubernetes API (apply their manifests instead)",
    "plan",
    "SpiderSubnet",
)
MOST_POOLS = 10  # that people are shown one by one


@click.command("status")
@click.option(
    "--socket",
    "path",
    default=AGENT_SOCKET,
    show_default=True,
    metavar="PATH",
    help="Where the agent listens, if one does.",
)
@click.option("-o", "--output", type=click.Choice(["json"]), help="All of it, for programs.")
@click.pass_context
def command(context: click.Context, path: str, output: str | None) -> None:
    """Say how the store and the agent are, and what is not there yet.

    Exit code 1 where the store cannot serve.
    """
    from ipam.agent.about import ask_about  # noqa: PLC0415 - for this command alone

    with open_to_read(str(context.obj)) as store:
        found = health(store)
    agent = ask_about(path)
    if output == "json":
        click.echo(json.dumps(_document(found, agent), indent=2))
    else:
        _print(found, agent)
        warn_of_loose_modes(found.path)
    if found.problem is not None:
        raise found.problem


def _document(found: Health, agent: Mapping[str, Any] | str) -> dict[str, object]:
    document = found.to_json()
    document["agent"] = None if isinstance(agent, str) else dict(agent)
    document["notThereYet"] = list(NOT_THERE_YET)
    return document


def _print(found: Health, agent: Mapping[str, Any] | str) -> None:
    """Everything, a subject a line."""
    size = f"{_megabytes(found.bytes['database'])}, log {_megabytes(found.bytes['log'])}"
    _line("store", f"{found.path} (schema {found.schema}, mode {found.mode:04o}, {size})")
    _line("node", found.node or "not bound yet: the first ADD binds it")
    held = found.count("bound") + found.count("kept")
    _line(
        "pools",
        f"{len(found.pools)}, with {held} addresses held, {found.count('resting')} resting, "
        f"{found.count('free')} free",
    )
    _line("leases", ", ".join(f"{found.count(one)} {one}" for one in ("bound", "kept", "resting")))
    _line("full", _names([pool.name for pool in found.pools if pool.is_full]))
    known = [f"{found.objects[kind]} {kind}" for kind in ALIASES if found.objects.get(kind)]
    _line("objects", ", ".join(known) or "none")
    since = "" if found.known_from is None else f", whole since {time_text(found.known_from)}"
    _line("journal", f"{found.journal_rows} changes{since}")
    _line("serving", _serving(found.problem))
    _line("agent", agent if isinstance(agent, str) else _agent(agent))
    if not isinstance(agent, str):
        _print_requests(agent["requests"])
    _print_fullest(found)
    click.echo("not there yet:")
    for line in NOT_THERE_YET:
        click.echo(f"  {line}")


def _line(subject: str, text: str) -> None:
    click.echo(f"{subject + ':':<9}{text}")


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - MOST_POOLS} more" if len(names) > MOST_POOLS else ""
    return ", ".join(names[:MOST_POOLS]) + more or "no pool"


def _serving(problem: StoreError | None) -> str:
    if problem is None:
        return "yes, the store can be read and written"
    return f"no: {problem.message}"


def _agent(agent: Mapping[str, Any]) -> str:
    uptime = time_text(now_seconds() - agent["uptimeSeconds"])
    return (
        f"version {agent['version']}, since {uptime}, on {agent['db']}; "
        f"{agent['queued']} calls queued, {agent['parked']} parked"
    )


def _print_requests(requests: Mapping[str, Mapping[str, int]]) -> None:
    for verb in sorted(requests):
        counts = ", ".join(f"{count} {outcome}" for outcome, count in requests[verb].items())
        click.echo(f"  {verb}: {counts}")


def _print_fullest(found: Health) -> None:
    """The pools that are most used; those that nobody uses say nothing."""
    used = [pool for pool in found.pools if pool.bound or pool.kept or pool.resting]
    used.sort(key=lambda pool: (pool.free > 0, -(pool.bound + pool.kept) / max(pool.total, 1)))
    if not used:
        return
    click.echo("fullest pools:")
    headings = ("NAME", "VERSION", "TOTAL", "BOUND", "KEPT", "RESTING", "FREE")
    counts = ("family", "total", "bound", "kept", "resting", "free")
    rows = [
        [pool.name, *(str(getattr(pool, count)) for count in counts)] for pool in used[:MOST_POOLS]
    ]
    for line in table(headings, rows).splitlines():
        click.echo(f"  {line}")
