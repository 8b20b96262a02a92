"""`poolweaver agent`: the resident agent of a node."""

from __future__ import annotations

import gc
import os
import signal
from types import FrameType

import click

from ipam.cni_config import LOG_LEVELS


@click.command("agent")
@click.option(
    "--socket",
    "path",
    default="/run/poolweaver/agent.sock",
    show_default=True,
    metavar="PATH",
    help="Where clients ask; ignored under systemd's socket activation.",
)
@click.option("--log-level", type=click.Choice(LOG_LEVELS), default="info", show_default=True)
@click.option(
    "--pod-wait",
    type=click.FloatRange(0, 30),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How long an ADD waits for a Pod that is not known yet.",
)
@click.pass_context
def command(context: click.Context, path: str, log_level: str, pod_wait: float) -> None:
    """Serve CNI calls on a unix socket, many of them in one transaction, until told to stop.

    The database is that of `--db`. SIGTERM and SIGINT stop it: what was asked by then is answered.
    """
    from ipam.agent.batches import Server  # noqa: PLC0415 - for this command alone
    from ipam.agent.listening import handed_over, listen, notify  # noqa: PLC0415
    from ipam.agent.log import AgentLog  # noqa: PLC0415
    from ipam.agent.loop import BUSY_SECONDS, Limits, Loop  # noqa: PLC0415
    from ipam.agent.warm import WarmStore  # noqa: PLC0415
    from store.store import open_store  # noqa: PLC0415

    log = AgentLog(log_level)
    with open_store(context.obj, BUSY_SECONDS) as store:
        listener = handed_over(os.environ, os.getpid())
        given = listener is not None
        listener = listener or listen(path)
        server = Server(WarmStore(store.database), os.uname().nodename, log)
        server.warm()
        gc.freeze()  # the pools stay: no collection need look at them
        loop = Loop(listener, server, log, Limits(patience_seconds=pod_wait))

        def stop(_number: int, _frame: FrameType | None) -> None:
            loop.stop()

        signal.set_wakeup_fd(loop.wake_descriptor)
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        where = "the socket of systemd" if given else path
        log.write("info", f"the agent serves {context.obj} on {where}")
        notify(os.environ, "READY=1")
        loop.run()
        notify(os.environ, "STOPPING=1")
        listener.close()
        if not given:
            os.unlink(path)  # noqa: PTH108
        log.write("info", "the agent has stopped; every call it took is answered")
