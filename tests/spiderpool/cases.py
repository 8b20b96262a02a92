"""The recorded cases: what Spiderpool's own code and tests answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "cases" / "spiderpool.yaml"


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded case; `given` and `wanted` are its `input` and `expected`."""

    id: str
    kind: str
    title: str
    given: Mapping[str, Any]
    wanted: Mapping[str, Any]


def read_cases() -> list[Case]:
    """All cases, in the order of the file."""
    document = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        Case(case["id"], case["kind"], case["title"], case["input"], case["expected"])
        for case in document["cases"]
    ]
