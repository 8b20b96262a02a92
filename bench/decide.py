"""From ready facts to the pools in order: the index, the evaluator, and other rule engines.

python -m bench.decide
"""

from __future__ import annotations

import gc
import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.decide_engines import ENGINES, Missing
from bench.decide_pools import make_facts, make_pools
from bench.decide_store import looked_up, make_store
from bench.measuring import Group, Variant
from bench.page import duration
from bench.program import Options, Program, run_program
from ipam.evidence import MOST_POOLS
from model.facts import Facts
from model.pools import ServingPool
from model.rules import PoolRules
from policy.evaluate import CLUSTER_DEFAULT, decide_family, sorted_by_rank
from policy.index import PoolIndex
from policy.standing import Known, standing
from policy.tally import tally
from store.store import Store

# pools, workload, whether the engines join: beyond, their rounds would take hours
CASES = (
    (100, "few", True),
    (1_000, "few", True),
    (10_000, "few", True),
    (100_000, "few", False),
    (1_000, "many", True),
    (10_000, "many", False),
    (100_000, "many", False),
    (1_000, "keys", True),
    (10_000, "keys", False),
    (100_000, "keys", False),
    (10_000, "barred", False),
    (100_000, "barred", False),
)
QUICK = ((50, "few", True), (50, "many", False), (50, "keys", False), (50, "barred", False))
MOST_STORED = 10_000  # writing more takes minutes
NAIVE = "naive evaluator"
ALL = 10**9
_CHECKED = 10  # Pods whose answers are compared before anything is measured
_SLOW_SECONDS = 0.001  # a call that takes longer is made once a round

# what one decision takes, made ready; the names of pools, best first
Ready = Callable[[Facts], Any]
Ask = Callable[[Any], Sequence[str]]


def groups(options: Options) -> Iterator[Group]:
    """A group for each number of pools and workload."""
    for number, workload, with_engines in QUICK if options.quick else CASES:
        pools = make_pools(workload, number)
        if number > MOST_STORED:
            yield _group(number, workload, with_engines, pools, None)
            continue
        with closing(make_store(options.folder / f"{number}-{workload}.db", pools)) as store:
            yield _group(number, workload, with_engines, pools, store)


def _group(
    number: int,
    workload: str,
    with_engines: bool,
    pools: Sequence[ServingPool],
    store: Store | None,
) -> Group:
    pods = make_facts(workload, number)
    facts: list[tuple[str, str]] = []
    index = _built_index(pools, facts)
    rules = sorted_by_rank([pool.rules for pool in pools], CLUSTER_DEFAULT)
    whole = {NAIVE: _naive(rules), "every pool, verdict alone": _verdicts(rules)}
    whole["index, all that stand"] = _indexed(index, ALL)
    if store:
        whole["look-up in the store, all that stand"] = looked_up(store, whole=True)
    if with_engines:
        whole |= _engines(rules, facts)
    right = [_names(*whole[NAIVE], pod) for pod in pods[:_CHECKED]]
    for name, (ready, ask) in whole.items():
        if [_names(ready, ask, pod) for pod in pods[:_CHECKED]] != right:
            raise RuntimeError(f"{name} answers otherwise than the evaluator")
    facts.append(_matches(index, pods))
    first = {"index, first choice": _indexed(index, 1), "index, first five": _indexed(index, 5)}
    first["every pool counted, as a refusal does"] = _counted(index)
    if store:
        first["look-up in the store, first page"] = looked_up(store, whole=False)
    variants = [_variant(name, *asked, pods) for name, asked in (whole | first).items()]
    title = f"{number:,} pools, {workload}"
    return Group(title, [*variants, _changing(index, pools)], NAIVE, facts)


def _naive(rules: Sequence[PoolRules]) -> tuple[Ready, Ask]:
    def ask(facts: Facts) -> Sequence[str]:
        decided = decide_family(facts, 4, CLUSTER_DEFAULT, rules)
        return [candidate.pool for candidate in decided.candidates if candidate.rank]

    return _as_it_is, ask


def _verdicts(ranked: Sequence[PoolRules]) -> tuple[Ready, Ask]:
    """The fast verdict of every pool: what a loop without an index and explanation costs."""

    def ask(facts: Facts) -> Sequence[str]:
        known = Known(facts, 4)
        return [one.name for one in ranked if standing(known, one) is not False]

    return _as_it_is, ask


def _indexed(index: PoolIndex, most: int) -> tuple[Ready, Ask]:
    def ask(facts: Facts) -> Sequence[str]:
        return [pool.rules.name for pool, _ in index.best(facts, 4, most)]

    return _as_it_is, ask


def _counted(index: PoolIndex) -> tuple[Ready, Ask]:
    """What a refusal says of all pools, of an index that has them in memory."""

    def ask(facts: Facts) -> Sequence[str]:
        return tally(Known(facts, 4), index.default_checks(4), MOST_POOLS).told

    return _as_it_is, ask


def _engines(
    rules: Sequence[PoolRules], facts: list[tuple[str, str]]
) -> dict[str, tuple[Ready, Ask]]:
    """The engines that are installed; what each took to build goes among the facts."""
    found = {}
    for name, engine in ENGINES.items():
        before, started = _resident_bytes(), time.perf_counter()
        try:
            found[name] = engine(rules)
        except Missing as missing:
            facts.append((f"{missing}", "not installed"))
            continue
        taken = time.perf_counter() - started
        grown = (_resident_bytes() - before) / 1e6
        facts.append((f"{name}: building, growth of the process", f"{_told(taken, grown)}"))
    return found


def _built_index(pools: Sequence[ServingPool], facts: list[tuple[str, str]]) -> PoolIndex:
    gc.collect()
    started = time.perf_counter()
    index = PoolIndex(pools)
    index.prepare()
    taken = time.perf_counter() - started
    tracemalloc.start()
    again = PoolIndex(pools)
    again.prepare()
    used = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    facts.append(("index: building, memory besides the pools", _told(taken, used)))
    return index


def _matches(index: PoolIndex, pods: Sequence[Facts]) -> tuple[str, str]:
    """How many pools stand, and what finding them costs in checks: figures without noise."""
    matches, checks = [], []
    for pod in pods:
        known = Known(pod, 4)
        matches.append(sum(1 for _ in index.walk(known)))
        checks.append(known.checks_done)
    pairs = (f"{sum(each) / len(pods):.3g} ({max(each)})" for each in (matches, checks))
    return "pools that stand, checks for all of them: mean (most)", ", ".join(pairs)


def _variant(name: str, ready: Ready, ask: Ask, pods: Sequence[Facts]) -> Variant:
    """All Pods each round, or one in turn where that takes long."""
    requests = [ready(pod) for pod in pods]
    taken = min(_seconds(ask, requests[0]) for _ in range(3))
    if taken < _SLOW_SECONDS:
        return Variant(name, lambda _: [_seconds(ask, request) for request in requests])
    return Variant(name, lambda number: _seconds(ask, requests[number % len(requests)]))


def _changing(index: PoolIndex, pools: Sequence[ServingPool]) -> Variant:
    """Putting one pool in the place of itself, as an edit does."""
    return Variant(
        "index, one pool changed", lambda number: _seconds(index.add, pools[number % len(pools)])
    )


def _seconds(call: Callable[[Any], object], argument: object) -> float:
    started = time.perf_counter()
    call(argument)
    return time.perf_counter() - started


def _names(ready: Ready, ask: Ask, pod: Facts) -> list[str]:
    return list(ask(ready(pod)))


def _as_it_is(facts: Facts) -> Facts:
    return facts


def _told(seconds: float, megabytes: float) -> str:
    return f"{duration(seconds)}, {megabytes:.3g} MB"


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


PROGRAM = Program(
    "decide",
    "Decisions",
    "From facts that are ready to the names of the pools that stand, best first, for a Pod without "
    "pool of its own. *few*: each Pod matches few pools, however many there are; *many*: matches "
    "grow with the pools; *keys*: as few, with five hundred label keys; *barred*: the worst case, "
    "all pools share their only requirement, and none stands. Before measuring, all variants gave "
    "the evaluator's answers. The evaluator also says why; `verdict alone` is the same loop "
    "without. The other engines are asked with their input made ready beforehand; each is used as "
    "its users would, with a rule a pool. They join where that takes minutes, not hours. What a "
    "process grows by says little where it fills room that it had already.",
    groups,
    rounds=15,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; the exit code."""
    return run_program(PROGRAM, arguments)


if __name__ == "__main__":
    sys.exit(main())
