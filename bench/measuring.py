"""Variants that take turns, so that a noisy machine hits all of them alike.

    round   warm-up      1            2          ...
            A B C        A B C        A B C      ...

The ratio of medians to the baseline of the same group is the figure to trust.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """One thing to measure: `run` takes the number of the round, and gives the seconds it took.

    A round may give many samples at once: the seconds of each call it made. The number of the
    round is 0 for the first round of warming up, and never comes twice.
    """

    name: str
    run: Callable[[int], float | Sequence[float]]


@dataclass(frozen=True)
class Group:
    """Variants that are measured in turns and compared with the one called `baseline`.

    `facts` are figures that are no times, such as memory: what, and how much with its unit. The
    list is read after the rounds, so that variants may add to it. `slower` divides the numbers of
    rounds, for variants that take long.
    """

    title: str
    variants: Sequence[Variant]
    baseline: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    slower: int = 1


@dataclass(frozen=True)
class Figures:
    """The samples of one variant in one run; times in seconds.

    `ratio` is the median over the baseline's; `samples` is how many there were.
    """

    group: str
    name: str
    samples: int
    median: float
    p95: float
    p99: float
    ratio: float


def measure(group: Group, rounds: int, warm_up: int) -> list[Figures]:
    """One row a variant, in their order, of `rounds` rounds after `warm_up` that do not count.

    The garbage collector rests meanwhile: its pauses would hit one variant for another's garbage.
    """
    rounds = max(1, rounds // group.slower)
    warm_up = max(1, warm_up // group.slower) if warm_up else 0
    samples: dict[str, list[float]] = {variant.name: [] for variant in group.variants}
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for number in range(warm_up + rounds):
            for variant in group.variants:
                taken = variant.run(number)
                if number >= warm_up:
                    samples[variant.name] += [taken] if isinstance(taken, float) else taken
            gc.collect()
    finally:
        if collecting:
            gc.enable()
    base = statistics.median(samples[group.baseline])
    return [_figures(group.title, name, values, base) for name, values in samples.items()]


def _figures(group: str, name: str, values: list[float], base: float) -> Figures:
    median = statistics.median(values)
    return Figures(
        group,
        name,
        len(values),
        median,
        quantile(values, 0.95),
        quantile(values, 0.99),
        median / base,
    )


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` of all values do not pass (nearest rank)."""
    return sorted(values)[math.ceil(part * len(values)) - 1]


def timed(call: Callable[[], object], times: int = 1) -> float:
    """Seconds of one call, on average over `times` calls in a row."""
    started = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - started) / times
