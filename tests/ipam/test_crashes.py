"""Processes that are killed at any moment: promises 1, 2, 3 and 4 of the store, from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.chance import seed
from tests.ipam.calls import REPOSITORY
from tests.ipam.crashing import ROUND
from tests.ipam.promises import Promises
from tests.soak import scaled

KILLS = int(os.environ.get("POOLWEAVER_KILLS") or scaled(1000, 50_000))


def test_a_thousand_kills_lose_nothing_that_was_answered(tmp_path: Path) -> None:
    command = [sys.executable, "-B", "-m", "tests.ipam.crashing"]
    done = subprocess.run(
        [*command, str(tmp_path), str(seed()), str(KILLS)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=7200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *found, last = done.stdout.splitlines()
    assert found == []
    report = json.loads(last)
    assert report["kills"] >= KILLS
    assert report["answers"] > 0
    assert report["half done"] >= 2 * (KILLS // ROUND)  # what nobody was told of was found


def heard(*lines: str) -> Promises:
    promises = Promises()
    promises.hear_all(lines)
    return promises


ADDED = ("A c1 ?", "A c1 10 X Y")
XY = frozenset({"X", "Y"})


def test_the_judge_knows_what_was_answered() -> None:
    assert heard(*ADDED).broken({"c1": XY}) == []
    assert heard(*ADDED).broken({}) == [f"c1 holds None, may be {{{XY}}}"]
    assert heard(*ADDED, "D c1 20", "D c1 ok").broken({"c1": XY}) == [
        f"c1 holds {XY}, may be {{None}}"
    ]


def test_the_judge_knows_what_nobody_was_told() -> None:
    assert heard("A c1 ?").broken({"c1": XY}) == []
    assert heard("A c1 ?").broken({}) == []
    assert len(heard("A c1 ?").broken({"c1": frozenset({"X"})})) == 1  # half an interface
    assert heard(*ADDED, "D c1 20").broken({"c1": XY}) == []
    assert heard(*ADDED, "D c1 20").broken({}) == []
    assert len(heard(*ADDED, "D c1 20").broken({"c1": frozenset({"X", "Z"})})) == 1
    assert len(heard(*ADDED, "A c1 ?", "A c1 30 X Z").broken({"c1": frozenset("XZ")})) == 1


def test_the_judge_sees_an_address_with_two_holders() -> None:
    both = [*ADDED, "A c2 ?", "A c2 15 X Z", "D c1 20", "D c1 ok"]
    assert heard(*both).broken({"c2": frozenset("XZ")}) == ["X was held by c1 and c2 at once"]
    after = [*ADDED, "D c1 12", "D c1 ok", "A c2 ?", "A c2 15 X Z"]
    assert heard(*after).broken({"c2": frozenset("XZ")}) == []
