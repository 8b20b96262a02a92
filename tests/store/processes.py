"""Real processes that work on a store: Python of its own, with the repository on its path."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
PRELUDE = f"import sys; sys.path.insert(0, {ROOT!r})\n"
# Root may write everywhere. Imports come first: an interpreter may lie where nobody may read.
BECOME_NOBODY = """
import os
import model.errors, store.claim, store.failures, store.leases, store.pools
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""


def start(code: str, *arguments: object, flags: Sequence[str] = ("-B",)) -> Any:
    """A process that runs `code`, with `arguments` in `sys.argv`."""
    return subprocess.Popen(
        [sys.executable, *flags, "-c", PRELUDE + code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )


def finish(process: subprocess.Popen[str]) -> Any:
    """What a process wrote; it must have ended well."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def run(code: str, *arguments: object, **more: Any) -> Any:
    return finish(start(code, *arguments, **more))
