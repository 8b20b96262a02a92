"""A process that claims addresses when told to: `python -m bench.claiming DB NAME COUNT`.

Prints a line when it is ready, waits for a line, claims, and prints the seconds of each claim;
then gives everything back.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measuring import timed
from bench.operations import NOW_SECONDS, claim_of, release_of
from model.leases import Claimed
from store.store import Store, open_store

if TYPE_CHECKING:
    from model.leases import Operation

PATIENCE_SECONDS = 120.0


def main(db: str, name: str, count: int) -> None:
    """The process."""
    with open_store(db, PATIENCE_SECONDS) as store:
        (family,) = [record.serving.rules.family for record in store.pools.list()]
        containers = [f"{name}-{number}" for number in range(count)]
        claims = [claim_of(store, container, "p", family, 8) for container in containers]
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps([_claim_seconds(store, claim) for claim in claims]))
        sys.stdout.flush()
        sys.stdin.readline()
        store.leases.execute([release_of(container) for container in containers], NOW_SECONDS)


def _claim_seconds(store: Store, claim: Operation) -> float:
    return timed(lambda: _must_claim(store, claim))


def _must_claim(store: Store, claim: Operation) -> None:
    (outcome,) = store.leases.execute([claim], NOW_SECONDS)
    if not isinstance(outcome, Claimed):
        raise TypeError(f"not claimed: {outcome}")


def in_parallel(db: Path, processes: int, count: int, name: str) -> tuple[list[float], float]:
    """Seconds of each claim of so many processes at once, `count` claims each; and of them all."""
    started = [_start(db, f"{name}-{place}", count) for place in range(processes)]
    for one in started:
        _line(one)
    begun = time.perf_counter()
    for one in started:
        _tell(one)
    answers = [json.loads(_line(one)) for one in started]
    seconds = time.perf_counter() - begun
    for one in started:
        _tell(one)
        one.communicate()
    return [one for answer in answers for one in answer], seconds


def _start(db: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.claiming", str(db), name, str(count)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a claiming process ended early")
    return line


def _tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
