"""A baseline: findings that were there before lint was, by fingerprint. It may only shrink."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from model.errors import ConfigurationError
from policy.lint.finding import Finding
from policy.lint.living.ignored import BASELINE, Ignored

VERSION = 1
_ROW = ("rule", "object", "field", "file", "fingerprint")


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of the baseline. `file` is where it stood; it is known wherever it goes."""

    fingerprint: str
    rule: str
    object: str
    field: str
    file: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings that are new, those that are known, and what of the baseline occurs no more."""

    new: list[Finding]
    known: list[Ignored]
    gone: list[Known]
    kept: list[Known]


def compare(
    findings: Sequence[Finding], baseline: Sequence[Known], is_judged: Callable[[Known], bool]
) -> Compared:
    """Part the findings. An entry counts for one finding; of those that found none, the ones that
    are judged (their rule ran, and their file was linted or is no more) are gone.
    """
    left = Counter(known.fingerprint for known in baseline)
    compared = Compared([], [], [], [])
    for finding in findings:
        if left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
            compared.known.append(Ignored(finding, BASELINE))
        else:
            compared.new.append(finding)
    for known in reversed(baseline):
        if left[known.fingerprint] > 0 and is_judged(known):
            left[known.fingerprint] -= 1
            compared.gone.append(known)
        else:
            compared.kept.append(known)
    compared.gone.reverse()
    compared.kept.reverse()
    return compared


def known_of(finding: Finding, file: str) -> Known:
    """The finding as an entry of a baseline in which the file has that name."""
    return Known(finding.fingerprint, finding.rule, finding.object, finding.field, file)


def baseline_text(baseline: Sequence[Known]) -> str:
    """As JSON, sorted, an entry a line, so that a change of it reads well in review."""
    rows = sorted((one.rule, one.object, one.field, one.file, one.fingerprint) for one in baseline)
    lines = [json.dumps(dict(zip(_ROW, row, strict=True))) for row in rows]
    inside = "".join(f"\n    {line}{',' * (line is not lines[-1])}" for line in lines)
    end = "\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{inside}{end}]\n}}\n'


def parse_baseline(text: str, file: str) -> list[Known]:
    """The entries; `ConfigurationError` for a text that is no baseline of this version."""
    try:
        value = json.loads(text)
        if value["version"] != VERSION:
            raise _error(f"the baseline `{file}` is of version {value['version']}")
        return [_known(row) for row in value["findings"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _error(f"`{file}` is no baseline") from None


def _known(row: dict[str, Any]) -> Known:
    return Known(*(str(row[key]) for key in ("fingerprint", "rule", "object", "field", "file")))


def _error(message: str) -> ConfigurationError:
    hint = "delete it, and write it anew with --update-baseline"
    return ConfigurationError(message, hint, code="invalid-setting")
