"""Runs all programs one after the other, each with its own numbers: `python -m bench`."""

from __future__ import annotations

import importlib
import sys

from bench import PROGRAMS

for name in PROGRAMS:
    print(f"--- bench.{name}", flush=True)
    code = importlib.import_module(f"bench.{name}").main([])
    if code:
        sys.exit(code)
