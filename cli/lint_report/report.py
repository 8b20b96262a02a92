"""What a run of lint has to tell, whatever the format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy.lint.finding import SEVERITIES, Finding
from policy.lint.living.ignored import Ignored

NEVER = "never"
_PLURALS = {"error": "errors", "warning": "warnings", "info": "info"}


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in order, those that were ignored, and what was looked at.

    `texts` are the contents of files by name; `files` names those that were linted, in the order
    given, and `pools` counts the valid pools in them. Text for people shows the first
    `most_per_rule` findings of a rule; 0 is no bound.
    """

    findings: Sequence[Finding]
    ignored: Sequence[Ignored]
    texts: Mapping[str, bytes]
    files: Sequence[str]
    pools: int
    fail_level: str = "warning"
    most_per_rule: int = 20

    def fails(self, finding: Finding) -> bool:
        """Whether a finding is as grave as the level at which a run fails, or graver."""
        if self.fail_level == NEVER:
            return False
        return SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.fail_level)

    @property
    def failed(self) -> bool:
        """Whether any finding is grave enough."""
        return any(self.fails(finding) for finding in self.findings)

    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES}

    def summary(self) -> str:
        """How much was found, and in how much: `1 error, 2 warnings (3 valid pools in 1 file)`."""
        said = [
            f"{count} {severity if count == 1 else _PLURALS[severity]}"
            for severity, count in self.counts().items()
            if count
        ]
        ignored = f", {len(self.ignored)} ignored" if self.ignored else ""
        looked_at = f"{counted(self.pools, 'valid pool')} in {counted(len(self.files), 'file')}"
        return f"{', '.join(said) or 'nothing found'}{ignored} ({looked_at})"


def counted(count: int, word: str) -> str:
    """The count and the word, in the plural unless there is one."""
    return f"{count} {word}{'' if count == 1 else 's'}"
