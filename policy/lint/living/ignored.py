"""Findings that are known and wanted so: by whom, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policy.lint.finding import Finding

COMMENT: Final = "comment"
ANNOTATION: Final = "annotation"
CONFIGURATION: Final = "configuration"
BASELINE: Final = "baseline"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A finding that is not reported; `how` is one of the words above, `reason` may be empty."""

    finding: Finding
    how: str
    reason: str = ""
