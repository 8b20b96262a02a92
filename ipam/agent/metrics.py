"""The agent's metrics in the text form of Prometheus.

    what was counted      from the tally, by prometheus_client
    what the store holds  read at each scrape, on a connection of its own, put together by SQLite

`METRICS` names them all with what they say. A scrape takes nothing from the thread that serves but
Python's lock, and that for little: the many lines, those of pools, are made without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from ipam.agent.protocol import VERSION
from ipam.agent.tally import BUCKETS, Tally
from model.errors import StoreError
from store.database import SCHEMA_NUMBER
from store.gauges import file_bytes, journal_rows, lines
from store.store import Store, open_store

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_POOLS = 10_000  # of the store that have gauges of their own

# name -> (type, labels, what it says)
METRICS = {
    "poolweaver_requests_total": (
        "counter",
        ("verb", "outcome"),
        "Requests answered; outcome is `ok` or the code of the error",
    ),
    "poolweaver_request_seconds": (
        "histogram",
        ("verb", "stage"),
        "Seconds of requests: `waited`, `served`, `committed` with others, `total` until answered",
    ),
    "poolweaver_pool_exhausted_total": (
        "counter",
        ("pool",),
        "Requests refused while this pool matched and was full",
    ),
    "poolweaver_no_match_total": (
        "counter",
        ("pool", "field"),
        "Requests refused while this pool was filtered out; field is that of the check that failed",
    ),
    "poolweaver_queue_calls": ("gauge", (), "Requests that wait for their turn"),
    "poolweaver_parked_calls": ("gauge", (), "Requests that wait for a Pod to be known"),
    "poolweaver_build_info": (
        "gauge",
        ("version", "schema", "protocol"),
        "1, with the version of the program, its store's schema and the client's protocol",
    ),
    "poolweaver_store_up": ("gauge", (), "Whether the store could be read for this scrape"),
    "poolweaver_store_bytes": (
        "gauge",
        ("file",),
        "Size of the store: `database`, and `log`, what was not moved into it yet",
    ),
    "poolweaver_journal_rows": ("gauge", (), "Changes of leases that the journal holds"),
    "poolweaver_pools": ("gauge", (), "How many pools there are"),
    "poolweaver_pool_addresses": ("gauge", ("pool",), "Addresses that `spec.ips` names"),
    "poolweaver_pool_free_addresses": (
        "gauge",
        ("pool",),
        "Addresses that could be handed out now, resting ones included",
    ),
    "poolweaver_pool_leases": (
        "gauge",
        ("pool", "state"),
        "Leases: `bound` to a sandbox, `kept` for a StatefulSet's Pod, or `resting` after release",
    ),
}
# The gauges of pools: a count of `store.gauges`, and the line for it.
_POOL_LINES = {
    "poolweaver_pool_addresses": [("total", 'poolweaver_pool_addresses{pool="%s"}')],
    "poolweaver_pool_free_addresses": [("free", 'poolweaver_pool_free_addresses{pool="%s"}')],
    "poolweaver_pool_leases": [
        (state, f'poolweaver_pool_leases{{pool="%s",state="{state}"}}')
        for state in ("bound", "kept", "resting")
    ],
}


class Metrics:
    """What a scrape is answered; any thread may ask, one at a time is served.

    `queued` and `parked` count calls that wait. The file is opened by the first scrape, and stays
    open: one that cannot be read makes a scrape without what is in it, and `poolweaver_store_up` 0.
    """

    def __init__(
        self,
        tally: Tally,
        db: str,
        version: str,
        queued: Callable[[], int],
        parked: Callable[[], int],
    ) -> None:
        self._tally = tally
        self._db = db
        self._version = version
        self._waiting = {"poolweaver_queue_calls": queued, "poolweaver_parked_calls": parked}
        self._lock = Lock()
        self._store: Store | None = None
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._registry.register(_Counted(self._families))

    def text(self) -> bytes:
        """The whole answer."""
        with self._lock:
            held = self._of_store()
            return generate_latest(self._registry) + held.encode()

    def close(self) -> None:
        """Close the file, after the last scrape."""
        with self._lock:
            if self._store is not None:
                self._store.close()

    def _families(self) -> Iterator[Metric]:
        tally = self._tally
        yield _counter("poolweaver_requests_total", dict(tally.requests))
        seconds = _histogram("poolweaver_request_seconds")
        for labels, histogram in dict(tally.seconds).items():
            counts = list(accumulate(histogram.counts))
            bounds = [*map(str, BUCKETS), "+Inf"]
            seconds.add_metric(labels, list(zip(bounds, counts, strict=True)), histogram.sum)
        yield seconds
        exhausted = {(pool,): count for pool, count in dict(tally.exhausted).items()}
        yield _counter("poolweaver_pool_exhausted_total", exhausted)
        yield _counter("poolweaver_no_match_total", dict(tally.no_match))
        for name, count in self._waiting.items():
            yield _gauge(name, {(): count()})
        build = (self._version, str(SCHEMA_NUMBER), str(VERSION))
        yield _gauge("poolweaver_build_info", {build: 1})

    def _of_store(self) -> str:
        """What the store holds, at one moment."""
        try:
            if self._store is None:
                self._store = open_store(self._db)
            return self._read(self._store)
        except StoreError:
            return _plain("poolweaver_store_up", "poolweaver_store_up 0\n")

    def _read(self, store: Store) -> str:
        database = store.database
        found = [_plain("poolweaver_store_up", "poolweaver_store_up 1\n")]
        sizes = file_bytes(self._db)
        found.append(_values("poolweaver_store_bytes", "file", sizes))
        with database.snapshot():
            rows = journal_rows(database)
            found.append(_plain("poolweaver_journal_rows", f"poolweaver_journal_rows {rows}\n"))
            pools = database.row("SELECT count(*) FROM pool")
            found.append(
                _plain("poolweaver_pools", f"poolweaver_pools {pools[0] if pools else 0}\n")
            )
            for name, forms in _POOL_LINES.items():
                found.append(_plain(name, lines(database, forms, MOST_POOLS)))
        return "".join(found)


class _Counted(Collector):
    """What the tally has, as prometheus_client asks for it."""

    def __init__(self, families: Callable[[], Iterator[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return self._families()


def _counter(name: str, values: dict[tuple[str, str], int] | dict[tuple[str], int]) -> Metric:
    _, labels, help_text = METRICS[name]
    family = CounterMetricFamily(name, help_text, labels=labels)
    for key, count in values.items():
        family.add_metric(key, count)
    return family


def _gauge(name: str, values: dict[tuple[()], int] | dict[tuple[str, str, str], int]) -> Metric:
    _, labels, help_text = METRICS[name]
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _histogram(name: str) -> HistogramMetricFamily:
    _, labels, help_text = METRICS[name]
    return HistogramMetricFamily(name, help_text, labels=labels)


def _plain(name: str, samples: str) -> str:
    kind, _, help_text = METRICS[name]
    return f"# HELP {name} {help_text}\n# TYPE {name} {kind}\n{samples}"


def _values(name: str, label: str, values: dict[str, int]) -> str:
    samples = [f'{name}{{{label}="{key}"}} {value}\n' for key, value in values.items()]
    return _plain(name, "".join(samples))
