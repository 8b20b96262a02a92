"""Whole-process times of the embedded plugin and the command line, against a bare interpreter.

python -m bench.cold
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.measuring import Group, Variant, timed
from bench.processes import BARE, embedded, run
from bench.program import Options, Program, run_program
from bench.worlds import fill, make_store, namespace, pod, pool
from ipam.install import install_embedded
from store.store import open_store

POOLWEAVER = [sys.executable, "-m", "cli.main"]
IMPORTS = ("os", "_sqlite3", "json", "re", "enum", "typing", "dataclasses", "ipaddress", "click")


def process(command: Sequence[str]) -> Callable[[int], float]:
    """A variant that starts one process and waits for its end."""
    return lambda _: timed(lambda: run(command))


def adding(name: str, executable: str, db: Path) -> list[Variant]:
    """ADD and DEL of one container on a store, in turns, so that each round finds it as it was."""
    plugin = embedded(executable, db)
    return [
        Variant(f"ADD, {name}", lambda number: plugin.seconds("ADD", f"c{number}")),
        Variant(f"DEL, {name}", lambda number: plugin.seconds("DEL", f"c{number}")),
    ]


def groups(options: Options) -> Iterator[Group]:
    """The command line; CNI calls on stores of several sizes; what single imports cost."""
    many, held = (20, 100) if options.quick else (10_000, 100_000)
    bare = Variant("bare interpreter", process(BARE))
    big = pool("p", "10.0.0.0-10.200.0.0", app="web")
    empty, crowd, full = (options.folder / f"{name}.db" for name in ("empty", "crowd", "full"))
    make_store(empty, [big, pod("web", "p", app="web")])
    defaults = [
        pool(f"p{n}", f"10.{n >> 8}.{n & 255}.0-10.{n >> 8}.{n & 255}.99", default=True, n=str(n))
        for n in range(many)
    ]
    make_store(crowd, [*defaults, namespace(), pod("web", n=str(many // 2))])
    make_store(full, [big, pod("web", "p", app="web")])
    with closing(open_store(str(full))) as store:
        fill(store, "p", held)
    plugin = install_embedded(str(options.folder))
    stores = [
        *adding("empty store", plugin, empty),
        *adding(f"{many:,} default pools", plugin, crowd),
        *adding(f"{held:,} leases held", plugin, full),
    ]
    yield Group("CNI calls, embedded", [bare, *stores], bare.name)
    explain = [*POOLWEAVER, "--db", str(empty), "explain", "pod", "web", "--node", "n1"]
    commands = [
        Variant("poolweaver --help", process([*POOLWEAVER, "--help"])),
        Variant("poolweaver explain", process(explain)),
    ]
    yield Group("The command line", [bare, *commands], bare.name)
    yield Group("Single imports", [bare, *map(importing, IMPORTS)], bare.name)


def importing(module: str) -> Variant:
    """A process that imports one module and ends."""
    flags = ["-I"] if module == "click" else ["-I", "-S"]
    return Variant(f"import {module}", process([sys.executable, *flags, "-c", f"import {module}"]))


PROGRAM = Program(
    "cold",
    "Whole processes",
    "From the start of a process to its end, as multiples of `python -I -S -c pass`: what a "
    "container runtime waits for, and a person at a terminal. Every ADD is undone by a DEL, so "
    "that each finds the store as the others did. The imports are alone in their process, and say "
    "why a CNI call does without most of them.",
    groups,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; the exit code."""
    return run_program(PROGRAM, arguments)


if __name__ == "__main__":
    sys.exit(main())
