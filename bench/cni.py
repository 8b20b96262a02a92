"""Whole CNI calls: by client and agent, embedded, and host-local's; and what an agent can do.

python -m bench.cni
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import host_local
from bench.agents import ask_together, question, running
from bench.crowds import Crowd
from bench.measuring import Group, Variant, timed
from bench.operations import NODE
from bench.processes import BARE, cni_environment, run
from bench.program import Options, Program, run_program
from bench.sizes import FEW, SIZES, Stores
from bench.worlds import Manifest, make_store, namespace, network, pod, pool
from ipam.install import install_client, install_embedded

SIZE = SIZES[2]
HELD = (0, 10_000, 100_000)
AT_ONCE = (1, 8, 64)
CONNECTIONS = (1, 8, 64)
MOST_OF_HOST_LOCAL = 100_000  # addresses held, times processes at once: beyond, it takes minutes
ADD = "ADD"


def groups(options: Options) -> Iterator[Group]:
    """Calls on stores of several sizes, one and many at once; then what an agent can do."""
    for held in FEW if options.quick else HELD:
        with ExitStack() as stack:
            plugins = _plugins(options.folder, held, stack)
            for processes in (1, 2) if options.quick else AT_ONCE:
                yield _calls(plugins, held, processes)
    yield from _throughput(options)


def _plugins(folder: Path, held: int, stack: ExitStack) -> dict[str, Crowd]:
    """Each plugin with as many addresses held, in data of its own."""
    place = folder / f"held-{held}"
    ours = {name: place / name for name in ("agent", "embedded")}
    for one in ours.values():
        one.mkdir(parents=True)
    stores = {name: Stores(one).path(SIZE, held) for name, one in ours.items()}
    path = ours["agent"] / "s"
    stack.enter_context(running(stores["agent"], path))
    client = install_client(str(ours["agent"]), os.uname().machine)
    config = network(stores["agent"])
    config["ipam"]["socket"] = str(path)
    plugins = {}
    if host_local.is_installed():
        theirs = host_local.config(place, SIZE, held)
        plugins["host-local"] = Crowd(str(host_local.EXECUTABLE), theirs, place / "calls")
    plugins["client and agent"] = Crowd(client, config, ours["agent"] / "calls")
    script = install_embedded(str(ours["embedded"]))
    plugins["embedded"] = Crowd(script, network(stores["embedded"]), ours["embedded"] / "calls")
    return plugins


def _calls(plugins: dict[str, Crowd], held: int, processes: int) -> Group:
    """ADD of some containers at once, then their DEL, of each plugin."""
    variants = []
    for name, crowd in plugins.items():
        if name == "host-local" and held * processes > MOST_OF_HOST_LOCAL:
            continue
        variants += [
            Variant(f"{name}: {verb}", _timed(crowd, verb, processes)) for verb in (ADD, "DEL")
        ]
    if not any(one.name.startswith("host-local") for one in variants):
        variants.insert(0, Variant("bare interpreter", lambda _: _bare()))
    title = f"{processes} at once, {held:,} held"
    return Group(title, variants, variants[0].name, slower=_slower(held, processes))


def _timed(crowd: Crowd, verb: str, processes: int) -> Callable[[int], Sequence[float]]:
    return lambda number: crowd.run(verb, [f"r{number}-{place}" for place in range(processes)])


def _bare() -> float:
    return timed(lambda: run(BARE))


def _slower(held: int, processes: int) -> int:
    return (5 if held >= HELD[1] else 1) * (4 if processes > 1 else 1)


class Pods:
    """Pods that the store knows, each with its ADD and DEL as a runtime sends them."""

    def __init__(self, db: Path, count: int) -> None:
        self._db = db
        self._names = [f"web-{number}" for number in range(count)]
        node: Manifest = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}}
        web = pool("p", "10.0.0.1-10.0.255.254", default=True, app="web")
        pods = [pod(name, app="web") for name in self._names]
        make_store(db, [web, namespace(), node, *pods])

    def questions(self, verb: str) -> list[bytes]:
        """One call for each Pod."""
        document = json.dumps(network(self._db))
        return [question(self._environment(verb, name), document) for name in self._names]

    def _environment(self, verb: str, name: str) -> dict[str, str]:
        sent = f"K8S_POD_NAMESPACE=default;K8S_POD_NAME={name};K8S_POD_INFRA_CONTAINER_ID={name}"
        return {
            **cni_environment(verb, name),
            "CNI_ARGS": f"IgnoreUnknown=1;{sent};K8S_POD_UID=uid-of-{name}",
        }


def _throughput(options: Options) -> Iterator[Group]:
    """Calls through an agent by many connections: decided, claimed and durable, each of them."""
    folder = options.folder / "throughput"
    folder.mkdir()
    pods = Pods(folder / "ipam.db", 20 if options.quick else 2000)
    path = folder / "s"
    facts: list[tuple[str, str]] = []
    with running(folder / "ipam.db", path):
        variants = [
            _asking(path, pods, verb, connections, facts)
            for connections in CONNECTIONS
            for verb in (ADD, "DEL")
        ]
        title = "Through the agent, clients in one process"
        yield Group(title, variants, variants[0].name, facts, slower=6)


def _asking(
    path: Path, pods: Pods, verb: str, connections: int, facts: list[tuple[str, str]]
) -> Variant:
    name = f"{verb}, {connections} at once"
    place = len(facts)
    facts.append(("", ""))
    a_second: list[float] = []

    def ask(_: int) -> Sequence[float]:
        times, seconds = ask_together(path, pods.questions(verb), connections)
        a_second.append(len(times) / seconds)
        facts[place] = (f"a second: {name}", f"{statistics.median(a_second):.0f}")
        return times

    return Variant(name, ask)


PROGRAM = Program(
    "cni",
    "CNI calls",
    "Whole processes, from their start to their end, of the agent's client, of the embedded plugin "
    "and of Debian's `host-local`, one and many at once, with as many addresses held by each. ADD "
    "through the agent and embedded decides by a Pod's annotation and is durable when it answers; "
    "host-local decides nothing, and syncs nothing to the disk. Then what the agent does in a "
    "second for clients in one process: each ADD is of another Pod that the store knows, its "
    "labels are checked, and its address is durable when it is answered.",
    groups,
    rounds=30,
    warm_up=2,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; the exit code."""
    return run_program(PROGRAM, arguments)


if __name__ == "__main__":
    sys.exit(main())
