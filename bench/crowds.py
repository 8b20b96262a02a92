"""Processes of a CNI plugin, started one right after the other, each timed from start to end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from bench.processes import cni_environment
from bench.worlds import Manifest


class Crowd:
    """A plugin that is started with little work of our own: no pipes, no threads.

    `folder` takes its configuration and what it answers.
    """

    def __init__(self, executable: str, config: Manifest, folder: Path) -> None:
        self._executable = executable
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._stdin = folder / "config.json"
        self._stdin.write_text(json.dumps(config), encoding="utf-8")

    def run(self, verb: str, containers: Sequence[str]) -> list[float]:
        """Seconds of each call, all of them running at once; `RuntimeError` if one fails."""
        started: dict[int, tuple[float, Path]] = {}
        for number, container in enumerate(containers):
            answer = self._folder / f"answer-{number}"
            begun = time.perf_counter()
            started[self._start(verb, container, answer)] = (begun, answer)
        times = []
        while started:
            pid, status = os.wait()
            begun, answer = started.pop(pid)
            times.append(time.perf_counter() - begun)
            if status:
                raise RuntimeError(f"{verb}: {answer.read_text(encoding='utf-8')}")
        return times

    def _start(self, verb: str, container: str, answer: Path) -> int:
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, str(self._stdin), os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(answer), write, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        environment = cni_environment(verb, container)
        return os.posix_spawn(
            self._executable, [self._executable], environment, file_actions=actions
        )
