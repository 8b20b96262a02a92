"""What the agent has done since it began, counted: what its metrics and `status` show.

The thread that serves counts, others read; each number is whole whenever it is read. Counting is
cheap, and what it remembers is bounded, whatever clients send and however many pools there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import islice, takewhile
from typing import Any

from ipam.agent.batches import OK, Answered
from ipam.cni_environment import VERBS
from model.decisions import CHOSEN, ELIGIBLE, EXHAUSTED, FILTERED, Candidate
from model.errors import DecisionError, NoMatchingPoolError, PoolExhaustedError

STAGES = ("waited", "served", "committed", "total")
# Upper bounds in seconds; what is longer is in the last bucket, which has none.
BUCKETS = (
    *(0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
OTHER = "other"  # a verb that is none
MOST_CANDIDATES = 50  # of one refusal that are counted by name
MOST_SERIES = 1000  # of pools, or of pools and fields, that are counted by name


class Histogram:
    """How many of some durations fell into each bucket, and their sum in seconds."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.sum += seconds


class Tally:
    """Counts. Keys: `requests` by (verb, outcome), `seconds` by (verb, stage), `exhausted` by pool,
    `no_match` by (pool, field). A pool called `` stands for all that are not counted by name.
    """

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str], int] = {}
        self.seconds: dict[tuple[str, str], Histogram] = {}
        self.exhausted: dict[str, int] = {}
        self.no_match: dict[tuple[str, str], int] = {}

    def observe(self, answered: Answered, total_seconds: float) -> None:
        """Count a request that was answered, `total_seconds` after it had come."""
        verb = answered.asked.verb if answered.asked.verb in VERBS else OTHER
        key = (verb, answered.outcome)
        self.requests[key] = self.requests.get(key, 0) + 1
        spent = (
            answered.waited_seconds,
            answered.served_seconds,
            answered.committed_seconds,
            total_seconds,
        )
        for stage, seconds in zip(STAGES, spent, strict=True):
            histogram = self.seconds.get((verb, stage))
            if histogram is None:
                histogram = self.seconds[verb, stage] = Histogram()
            histogram.add(seconds)
        if answered.outcome != OK and isinstance(answered.error, DecisionError):
            self._refused(answered.error)

    def _refused(self, error: DecisionError) -> None:
        families = error.decision.families if error.decision else ()
        for family in families:
            ranked = takewhile(lambda one: one.rank, family.candidates)
            if any(one.outcome in (CHOSEN, ELIGIBLE) for one in ranked):
                continue  # the request failed for another family
            for one in islice(family.candidates, MOST_CANDIDATES):
                self._lost(one, error)

    def _lost(self, candidate: Candidate, error: DecisionError) -> None:
        """Count why a pool did not serve, where the request failed for such a reason."""
        if isinstance(error, PoolExhaustedError) and candidate.outcome == EXHAUSTED:
            known = self.exhausted
            pool = candidate.pool if _has_room(known, candidate.pool) else ""
            known[pool] = known.get(pool, 0) + 1
        elif isinstance(error, NoMatchingPoolError) and candidate.outcome == FILTERED:
            for check in candidate.failed[:1]:
                key = (candidate.pool, check.field)
                if not _has_room(self.no_match, key):
                    key = ("", check.field)
                self.no_match[key] = self.no_match.get(key, 0) + 1


def _has_room(known: Mapping[Any, int], key: object) -> bool:
    return key in known or len(known) < MOST_SERIES
