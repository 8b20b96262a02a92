"""Programs that measure; each prints ratios against a baseline of the same run.

    measuring   variants that take turns, and what their samples amount to
    runs        a run as JSON, and what became slower since another
    machine     where a run was made: cores and versions, no names and no date
    page        the section of docs/benchmarks.md that a program owns
    program     the command line that all programs share

A program is a module with `PROGRAM` and `main`; `PROGRAMS` names them all, and a test runs each.
"""

from __future__ import annotations

PROGRAMS = (
    "cold",
    "allocate",
    "cni",
    "decide",
    "turns",
    "lint",
)
