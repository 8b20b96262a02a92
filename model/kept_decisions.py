"""Decisions that are kept: what was decided, and all that it was decided on."""

from __future__ import annotations

from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

CLAIMED = "claimed"


class RuleText(Record):
    """The rules of one pool as they were: their text, and where each check stands in a manifest.

    `spans` are lists of file, line, column, end line, end column; empty where nobody knows.
    """

    __slots__ = ("language", "spans", "text")

    def __init__(self, language: int, text: str, spans: Sequence[Sequence[Any]]) -> None:
        self.language = language
        self.text = text
        self.spans = spans


class KeptDecision(Record):
    """One decision.

    `number` is its id, which is never given twice. `at_seconds` is UTC seconds since the epoch.
    `outcome` is `claimed`, or the code of the refusal. `evidence` is the JSON value of
    `ipam/evidence.py`. `claims` holds (family, pool, address) of what was claimed. `texts` are the
    rules of its pools by digest; one that is lost is not there.
    """

    __slots__ = (
        "at_seconds",
        "claims",
        "evidence",
        "nic",
        "number",
        "outcome",
        "pod_name",
        "pod_namespace",
        "rules_digest",
        "texts",
    )

    def __init__(
        self,
        number: int,
        at_seconds: int,
        pod_namespace: str,
        pod_name: str,
        nic: str,
        outcome: str,
        rules_digest: str,
        evidence: Mapping[str, Any],
        claims: Sequence[tuple[int, str, str]] = (),
        texts: Mapping[str, RuleText] | None = None,
    ) -> None:
        self.number = number
        self.at_seconds = at_seconds
        self.pod_namespace = pod_namespace
        self.pod_name = pod_name
        self.nic = nic
        self.outcome = outcome
        self.rules_digest = rules_digest
        self.evidence = evidence
        self.claims = claims
        self.texts = texts or {}

    @property
    def pod_text(self) -> str:
        """`namespace/name`, or empty where there was no Pod."""
        return f"{self.pod_namespace}/{self.pod_name}" if self.pod_name else ""
