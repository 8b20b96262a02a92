"""A disk that fails at any call of an operation: the old state or the new one, never between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak import SOAKING
from tests.store.faults.disk import run

CASES = [
    ("fresh", "claim", "the log has no frames yet"),
    ("warm", "release", "the log has frames"),
    ("checkpoint", "claim", "the commit copies the log into the database"),
    ("whole", "claim", "from opening the store to closing it, as a CNI call does"),
]
MORE = [
    (warmth, operation, "")
    for warmth in ("fresh", "warm", "checkpoint", "whole")
    for operation in ("claim", "release", "apply")
]


@pytest.mark.parametrize(
    ("warmth", "operation"),
    [row[:2] for row in (MORE if SOAKING else CASES)],
    ids=["-".join(row[:2]) for row in (MORE if SOAKING else CASES)],
)
def test_an_operation_on_a_failing_disk_is_done_whole_or_not_at_all(
    library: Path, folder: Path, warmth: str, operation: str
) -> None:
    output = run(library, folder, "tests.store.faults.failing", warmth, operation)
    *found, failures = output.splitlines()
    assert found == []
    assert int(failures) > 100  # the disk did fail, at many calls
