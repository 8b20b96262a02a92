"""A run as JSON, and what became slower since another run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.measuring import Figures

FORMAT = 1


@dataclass(frozen=True)
class Run:
    """All figures of one program, the machine it ran on, and its facts by group."""

    program: str
    machine: str
    figures: list[Figures]
    facts: dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Limits:
    """What counts as slower: by more than `part` of the time before, and by `seconds` at least."""

    part: float
    seconds: float


def save(run: Run, path: Path) -> None:
    """Writes a run for `load`."""
    document = {"format": FORMAT, **asdict(run)}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(path: Path) -> Run:
    """The run that `save` wrote; `ValueError` for a file of another kind."""
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ValueError(f"`{path}` is no run of this version of bench/")
    facts = {group: [(what, much) for what, much in rows] for group, rows in value["facts"].items()}
    figures = [Figures(**row) for row in value["figures"]]
    return Run(value["program"], value["machine"], figures, facts)


def regressions(before: Run, now: Run, limits: Limits) -> list[str]:
    """One line for each variant that became slower; also for those that only one run has.

    A variant is held against its time before, scaled by what became of the baseline of its group:
    so a machine that is busier today accuses nobody. The baseline itself is no work of ours.
    """
    old = {(row.group, row.name): row for row in before.figures}
    new = {(row.group, row.name): row for row in now.figures}
    lines = [
        f"{_name(row)}: not measured in this run" for key, row in old.items() if key not in new
    ]
    for key, row in new.items():
        if key not in old:
            lines.append(f"{_name(row)}: not measured in the run before")
            continue
        base = row.median / row.ratio
        expected = old[key].ratio * base
        slower = row.median - expected
        if slower > limits.part * expected and slower > limits.seconds:
            lines.append(
                f"{_name(row)}: {row.ratio / old[key].ratio - 1:+.0%}, {row.ratio:.3g} times its "
                f"baseline where it was {old[key].ratio:.3g}"
            )
    return lines


def is_regression(line: str) -> bool:
    """Whether a line of `regressions` tells of a variant that became slower."""
    return ": not measured in " not in line


def _name(row: Figures) -> str:
    return f"{row.group} / {row.name}"


def groups_of(figures: Sequence[Figures]) -> dict[str, list[Figures]]:
    """The rows of each group, in their order."""
    groups: dict[str, list[Figures]] = {}
    for row in figures:
        groups.setdefault(row.group, []).append(row)
    return groups
