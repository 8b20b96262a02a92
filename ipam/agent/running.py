"""The agent's process: its parts put together, signals, systemd, and the end."""

from __future__ import annotations

import gc
import os
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from types import FrameType

from ipam.agent.about import about
from ipam.agent.batches import Server
from ipam.agent.listening import handed_over, listen, notify
from ipam.agent.log import AgentLog
from ipam.agent.loop import BUSY_SECONDS, Limits, Loop
from ipam.agent.tally import Tally
from ipam.agent.watched import Watch, WatchedStore, applied
from store.store import open_store


@dataclass(frozen=True)
class Options:
    """What the command line says. `metrics` is a place, or empty for none; an age of 0 is none."""

    db: str
    socket: str
    log_level: str
    metrics: str
    pod_wait_seconds: float
    max_fact_age_seconds: int
    version: str
    verify_index: bool = False


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT.

    `StoreError` where the store cannot be opened, `ConfigurationError` where a place to listen on
    cannot be had: nothing was served then.
    """
    log = AgentLog(options.log_level)
    tally = Tally()
    with ExitStack() as stack:
        store = stack.enter_context(open_store(options.db, BUSY_SECONDS))
        given = handed_over(os.environ, os.getpid())
        listener = given or _listen(options.socket, stack)
        started = time.time()
        watch = Watch(applied, options.max_fact_age_seconds, time.time)
        report = (lambda text: log.hold("error", text)) if options.verify_index else None
        warm = WatchedStore(store.database, watch, report=report)
        server = Server(warm, os.uname().nodename, log)
        server.warm()
        gc.freeze()  # the pools stay: no collection need look at them
        loop = Loop(
            listener,
            server,
            log,
            Limits(patience_seconds=options.pod_wait_seconds),
            tally.observe,
            lambda: about(tally, loop, options.db, options.version, time.time() - started),
        )
        if options.metrics:
            _serve_metrics(options, tally, loop, stack)
        _stop_on_signals(loop)
        where = "the socket of systemd" if given else options.socket
        log.write("info", f"the agent serves {options.db} on {where}")
        notify(os.environ, "READY=1")
        loop.run()
        listener.close()
    log.write("info", "the agent has stopped; every call it took is answered")


def _listen(path: str, stack: ExitStack) -> socket:
    listener = listen(path)
    stack.callback(Path(path).unlink, missing_ok=True)
    return listener


def _serve_metrics(options: Options, tally: Tally, loop: Loop, stack: ExitStack) -> None:
    from ipam.agent.metrics import CONTENT_TYPE, Metrics  # noqa: PLC0415 - few agents have them
    from ipam.agent.scraping import MetricsServer  # noqa: PLC0415

    metrics = Metrics(tally, options.db, options.version, lambda: loop.queued, lambda: loop.parked)
    stack.callback(metrics.close)
    server = MetricsServer(options.metrics, metrics.text, CONTENT_TYPE)
    stack.callback(server.close)


def _stop_on_signals(loop: Loop) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        notify(os.environ, "STOPPING=1")
        loop.stop()

    signal.set_wakeup_fd(loop.wake_descriptor)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
