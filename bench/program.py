"""The command line that all programs of bench/ share."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.machine import describe
from bench.measuring import Group, measure
from bench.page import PAGE, duration, rewrite, section
from bench.runs import Limits, Run, groups_of, is_regression, load, regressions, save

EXIT_SLOWER = 3
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Options:
    """How much to measure; a program reads `quick`, and gives its smallest numbers then.

    `folder` is an empty folder for its files, on the disk that is measured; it goes away after.
    """

    quick: bool
    rounds: int
    folder: Path


@dataclass(frozen=True)
class Program:
    """One program: `groups` prepares each group, and lets go of it when the next is asked for.

    `prose` stands above the tables on the page; it says what is measured, and no figure.
    """

    name: str
    title: str
    prose: str
    groups: Callable[[Options], Iterator[Group]]
    rounds: int = 31
    warm_up: int = 2


def run_program(program: Program, arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, and writes what was asked for; the exit code.

    0 done, 2 usage, 3 where `--compare` finds a variant that became slower.
    """
    parser = _parser(program)
    wanted = parser.parse_args(arguments)
    try:
        before = load(wanted.compare) if wanted.compare else None
    except (OSError, ValueError) as error:
        parser.error(f"--compare: {error}")
    rounds = wanted.rounds or (2 if wanted.quick else program.rounds)
    with tempfile.TemporaryDirectory(dir=wanted.folder) as folder:
        options = Options(wanted.quick, rounds, Path(folder))
        run = _measured(program, options, wanted.only)
    print(run.machine)
    if wanted.save:
        save(run, wanted.save)
    page = wanted.page or (None if wanted.quick or wanted.only or wanted.rounds else PAGE)
    if page:
        command = f"python -m bench.{program.name}{' --quick' if wanted.quick else ''}"
        rewrite(page, program.name, section(run, program.title, program.prose, command))
    return _compared(before, run, Limits(wanted.threshold, wanted.min_threshold)) if before else 0


def _measured(program: Program, options: Options, only: str) -> Run:
    run = Run(program.name, describe(options.folder), [], {})
    for group in program.groups(options):
        if only in group.title:
            figures = measure(group, options.rounds, 1 if options.quick else program.warm_up)
            run.figures.extend(figures)
            run.facts[group.title] = list(group.facts)
            _print(Run(run.program, run.machine, figures, run.facts))
    return run


def _print(run: Run) -> None:
    for group, rows in groups_of(run.figures).items():
        width = max(len(row.name) for row in rows)
        print(f"{group:<{width}} {'median':>9} {'p95':>9} {'p99':>9} {'ratio':>8}  samples")
        for row in rows:
            times = " ".join(f"{duration(value):>9}" for value in (row.median, row.p95, row.p99))
            print(f"{row.name:<{width}} {times} {row.ratio:>8.3g}  {row.samples}")
        for what, much in run.facts.get(group, ()):
            print(f"{what}: {much}")
        print(flush=True)


def _compared(before: Run, run: Run, limits: Limits) -> int:
    found = regressions(before, run, limits)
    for line in found:
        print(f"slower: {line}" if is_regression(line) else line)
    slower = any(map(is_regression, found))
    if not slower:
        print(f"nothing is slower than before by more than {limits.part:.0%}")
    return EXIT_SLOWER if slower else 0


def _parser(program: Program) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{program.name}", description=program.prose
    )
    add = parser.add_argument
    add("--rounds", type=int, default=0, help=f"default: {program.rounds}")
    add("--quick", action="store_true", help="the smallest numbers, to see that it works")
    add("--only", default="", metavar="TEXT", help="only groups whose title has this in it")
    add("--folder", type=Path, help="where to put files; default: the system's place for such")
    add("--save", type=Path, metavar="FILE", help="write the run as JSON")
    add("--page", type=Path, help=f"default: {PAGE.name}, or none with --quick, --only, --rounds")
    add("--compare", type=Path, metavar="BASE", help="exit with 3 if slower than this saved run")
    add("--threshold", type=_part, default=0.1, help="how much slower counts; default: 10%%")
    add("--min-threshold", type=_seconds, default=20e-6, help="and by how long; default: 20us")
    return parser


def _part(text: str) -> float:
    if not (match := re.fullmatch(r"(\d+(?:\.\d+)?)%", text)):
        raise argparse.ArgumentTypeError(f"write a percentage such as `10%`, not `{text}`")
    return float(match[1]) / 100


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"write a duration such as `20us`, not `{text}`")
    return float(match[1]) * UNITS[match[2]]
