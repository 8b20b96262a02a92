"""The seed of a test that tries something else every time: printed, and replayed where it is given."""

from __future__ import annotations

import os
import random


def seed() -> int:
    """POOLWEAVER_SEED, else a new one; pytest shows the line where the test fails."""
    chosen = int(os.environ.get("POOLWEAVER_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"POOLWEAVER_SEED={chosen} replays the choices of this test")  # noqa: T201
    return chosen
