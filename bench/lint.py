"""Manifests to findings: reading them, and what the rules take on top.

python -m bench.lint
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from bench.lint_pools import make_cluster, make_manifests
from bench.measuring import Group, Variant, timed
from bench.page import duration
from bench.program import Options, Program, run_program
from policy.lint.linted import Linted, read_linted
from policy.lint.run import lint
from policy.lint.world import World, world_of
from policy.load import load, read_valid
from policy.settings import AuthoringSettings

BASELINE = "reading and checking alone"
SIZES = (100, 1_000, 10_000)
_SETTINGS = AuthoringSettings()


def groups(options: Options) -> Iterator[Group]:
    """A group for each number of pools."""
    for number in (50,) if options.quick else SIZES:
        yield _group(number)


def _group(number: int) -> Group:
    pools = [("pools.yaml", make_manifests(number))]
    snapshot = [("snapshot.yaml", make_cluster(number))]
    world = world_of(load(snapshot, _SETTINGS))
    found = lint(read_linted(pools, _SETTINGS, world))
    facts = [("findings", str(len(found))), ("objects of the cluster", f"{len(world.objects):,}")]
    facts += _slowest(read_linted(pools, _SETTINGS, world))
    variants = [
        _variant(BASELINE, lambda: read_valid(pools, _SETTINGS)),
        _variant("the same with a snapshot", lambda: _read_both(pools, snapshot)),
        _variant("lint without a cluster", lambda: lint(read_linted(pools, _SETTINGS))),
        _variant("lint with a cluster that is known", lambda: _with(pools, world)),
        _variant("lint with a snapshot, read first", lambda: _whole(pools, snapshot)),
    ]
    return Group(f"{number:,} pools, and as many Pods", variants, BASELINE, facts)


Texts = Sequence[tuple[str, bytes]]


def _read_both(pools: Texts, snapshot: Texts) -> None:
    read_valid(pools, _SETTINGS)
    read_valid(snapshot, _SETTINGS)


def _with(pools: Texts, world: World) -> None:
    lint(read_linted(pools, _SETTINGS, world))


def _whole(pools: Texts, snapshot: Texts) -> None:
    _with(pools, world_of(load(snapshot, _SETTINGS)))


def _variant(name: str, call: Callable[[], object]) -> Variant:
    return Variant(name, lambda _: timed(call))


def _slowest(linted: Linted) -> list[tuple[str, str]]:
    """The rules that took longest, run once; what several share counts as the first one's."""
    started: list[tuple[str, float]] = []
    gc.collect()
    gc.disable()
    lint(linted, tell=lambda rule, _done, _total: started.append((rule, time.perf_counter())))
    started.append(("", time.perf_counter()))
    gc.enable()
    taken = [(after - now, rule) for (rule, now), (_, after) in pairwise(started)]
    slowest = sorted(taken, reverse=True)[:5]
    return [(f"rule {rule}, once", duration(seconds)) for seconds, rule in slowest]


PROGRAM = Program(
    "lint",
    "Lint",
    "Realistic pools, and a cluster with a Pod for each and a Deployment for every tenth: from "
    "the text of manifests to findings. Reading checks what `apply` checks and keeps the place "
    "of every field; the rules come on top. The files are read before, and nothing is printed.",
    groups,
    rounds=7,
    warm_up=1,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; the exit code."""
    return run_program(PROGRAM, arguments)


if __name__ == "__main__":
    sys.exit(main())
