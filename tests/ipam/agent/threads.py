"""An agent in a thread of the test: as the real one, but for its process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ipam.agent.batches import Server
from ipam.agent.listening import listen
from ipam.agent.log import AgentLog
from ipam.agent.loop import Limits, Loop
from ipam.agent.warm import WarmStore
from store.database import Database
from store.store import open_store


@contextmanager
def agent_thread(
    db: Path,
    path: Path,
    limits: Limits | None = None,
    warm: Callable[[Database], WarmStore] = WarmStore,
) -> Iterator[Loop]:
    """An agent that serves the store at `path` until the block ends, and has then answered all."""
    listener = listen(str(path))
    ready, loops = threading.Event(), []

    def serve() -> None:
        log = AgentLog("error")
        with open_store(str(db), 0.5) as store:
            loop = Loop(listener, Server(warm(store.database), "node1", log), log, limits)
            loops.append(loop)
            ready.set()
            loop.run()

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait()
    try:
        yield loops[0]
    finally:
        loops[0].stop()
        loops[0].wake()
        thread.join()
        listener.close()
