"""Kept decisions, beside the Protocols: each claim's, and the last refusal of each interface.

A claim's decision is written with the claim; a refusal in a transaction of its own.
"""

from __future__ import annotations

from model.addresses import address_from_bytes, address_text
from model.fast_json import loads
from model.kept_decisions import KeptDecision, RuleText
from store.claim import KEEP_DECISION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from store.database import Database, Row

MOST_REFUSALS = 1000  # interfaces whose last refusal is kept

_SELECT = (
    "SELECT id, at, pod_namespace, pod_name, ifname, outcome, rules_digest, evidence FROM decision "
    "WHERE "
)
BY_ID = f"{_SELECT} id = ?"
REFUSALS_OF_POD = (
    f"{_SELECT} pod_namespace = ? AND pod_name = ? AND outcome <> 'claimed' ORDER BY id"
)
LATEST_CLAIM = "SELECT max(decision_id) FROM journal WHERE pod_namespace = ? AND pod_name = ?"
FORGET_REFUSAL = (
    "DELETE FROM decision WHERE pod_namespace = ? AND pod_name = ? AND ifname = ? "
    "AND outcome <> 'claimed'"
)
OLDEST_TO_KEEP = (
    "SELECT id FROM decision WHERE outcome <> 'claimed' ORDER BY id DESC LIMIT 1 OFFSET ?"
)
FORGET_OLDER = "DELETE FROM decision WHERE outcome <> 'claimed' AND id < ?"
CLAIMS = (
    "SELECT family, pool, address FROM journal WHERE pod_namespace = ? AND pod_name = ? "
    "AND decision_id = ? ORDER BY family"
)


class StoredDecisions:
    """The decisions that are kept."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_refusal(
        self,
        pod: tuple[str, str],
        nic: str,
        code: str,
        rules_digest: str,
        evidence: str,
        now_seconds: int,
    ) -> int:
        """Keeps a refusal in place of the last one of this Pod's interface; its id.

        `pod` is namespace and name, both empty for no Pod. Of more than `MOST_REFUSALS` the oldest
        go. A transaction of its own: StoreBusyError and StoreError keep nothing.
        """
        values = (now_seconds, *pod, nic, code, rules_digest, evidence)
        with self._database.transaction():
            self._database.run(FORGET_REFUSAL, (*pod, nic))
            number = self._database.run(KEEP_DECISION, values).lastrowid or 0
            oldest = self._database.row(OLDEST_TO_KEEP, (MOST_REFUSALS - 1,))
            if oldest:
                self._database.run(FORGET_OLDER, oldest)
        return number

    def get(self, number: int) -> KeptDecision | None:
        """The decision of this id, with the rule texts it names; None if it is not kept."""
        row = self._database.row(BY_ID, (number,))
        return self._decision(row) if row else None

    def refusals(self, namespace: str, name: str) -> list[KeptDecision]:
        """The last refusal of each interface of a Pod, oldest first."""
        rows = self._database.rows(REFUSALS_OF_POD, (namespace, name))
        return [self._decision(row) for row in rows]

    def latest(self, namespace: str, name: str) -> KeptDecision | None:
        """The newest decision about a Pod, claimed or refused."""
        refusals = self.refusals(namespace, name)
        row = self._database.row(LATEST_CLAIM, (namespace, name))
        claim = self.get(row[0]) if row and row[0] else None
        found = [*refusals[-1:], *([claim] if claim else [])]
        return max(found, key=lambda one: one.number, default=None)

    def newest_number(self) -> int:
        """The highest id that was ever given; 0 for none."""
        row = self._database.row("SELECT seq FROM sqlite_sequence WHERE name = 'decision'")
        return int(row[0]) if row else 0

    def _decision(self, row: Row) -> KeptDecision:
        evidence = loads(row[7])
        claims = [
            (family, pool, address_text(*address_from_bytes(address)))
            for family, pool, address in self._database.rows(CLAIMS, (*row[2:4], row[0]))
        ]
        number, at, namespace, pod, nic, outcome, digest = row[:7]
        return KeptDecision(
            number,
            at,
            namespace,
            pod,
            nic,
            outcome,
            digest,
            evidence,
            claims,
            self._texts(evidence),
        )

    def _texts(self, evidence: Mapping[str, Any]) -> dict[str, RuleText]:
        digests = [pool["digest"] for family in evidence["families"] for pool in family["pools"]]
        texts = {}
        for digest in dict.fromkeys(digests):
            row = self._database.row(
                "SELECT language, text, spans FROM rule_text WHERE digest = ?", (digest,)
            )
            if row:
                texts[digest] = RuleText(row[0], row[1], loads(row[2]))
        return texts
