"""How much a heavy test does: little by default, much under `make soak` (POOLWEAVER_SOAK=1)."""

from __future__ import annotations

import os

SOAKING = os.environ.get("POOLWEAVER_SOAK") == "1"


def scaled(ordinary: int, soaking: int) -> int:
    """`ordinary` in everyday runs, `soaking` where the run may take an hour."""
    return soaking if SOAKING else ordinary
