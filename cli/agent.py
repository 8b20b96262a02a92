"""`poolweaver agent`: the resident agent of a node."""

from __future__ import annotations

import click

from ipam.cni_config import LOG_LEVELS
from ipam.places import AGENT_SOCKET


@click.command("agent")
@click.option(
    "--socket",
    "path",
    default=AGENT_SOCKET,
    show_default=True,
    metavar="PATH",
    help="Where clients ask; ignored under systemd's socket activation.",
)
@click.option("--log-level", type=click.Choice(LOG_LEVELS), default="info", show_default=True)
@click.option(
    "--metrics",
    metavar="PLACE",
    help="Serve metrics for Prometheus: `127.0.0.1:PORT`, `[::1]:PORT` or `unix:PATH`.",
)
@click.option(
    "--pod-wait",
    type=click.FloatRange(0, 30),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How long an ADD waits for a Pod that is not known yet.",
)
@click.option(
    "--verify-index",
    is_flag=True,
    help="Check the index against the rules in every decision. Slow.",
)
@click.option(
    "--max-fact-age",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="How old a Pod, Namespace or Node that is watched may be before it counts as unknown; 0 "
    "for no limit. What was applied is not watched, and has none.",
)
@click.pass_context
def command(
    context: click.Context,
    path: str,
    log_level: str,
    metrics: str | None,
    pod_wait: float,
    verify_index: bool,
    max_fact_age: int,
) -> None:
    """Serve CNI calls on a unix socket, many of them in one transaction, until told to stop.

    The database is that of `--db`. SIGTERM and SIGINT stop it: what was asked by then is answered.
    """
    from cli.main import version  # noqa: PLC0415 - for this command alone
    from ipam.agent.running import Options, run  # noqa: PLC0415

    run(
        Options(
            str(context.obj),
            path,
            log_level,
            metrics or "",
            pod_wait,
            max_fact_age,
            version(),
            verify_index,
        )
    )
