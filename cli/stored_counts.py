"""How much a store holds, in a line."""

from __future__ import annotations

from collections.abc import Mapping


def counted(counts: Mapping[str, int]) -> str:
    """`3 pools, 8 leases (7 bound, 0 kept, 1 resting), ...`, of the counts of `store.repair`."""
    states = ", ".join(f"{counts[state]} {state}" for state in ("bound", "kept", "resting"))
    return (
        f"{_many(counts['pool'], 'pool')}, {_many(counts['lease'], 'lease')} ({states}), "
        f"{_many(counts['journal'], 'journal row')}, {_many(counts['object'], 'object')}, "
        f"{_many(counts['sighting'], 'sighting')}"
    )


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
