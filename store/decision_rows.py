"""Rows of kept decisions and of the rule texts they name, inside a caller's transaction.

Rule texts that a kept decision may name stay: a text is retired with the newest decision there was
when its last pool let go of it, and goes when no decision as old as that is kept.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.database import Database


# How far apart, in ids, the rows of one claim may be: between those of its families stand the
# addresses that it gave back to their pools first (`store.claim.MOST_RESTED` at a time).
CLAIM_SPAN = 512
# Of a Pod's rows those near the one that was forgotten: calls without a Pod have one name for all.
OF_ONE_CLAIM = (
    "SELECT 1 FROM journal INDEXED BY journal_by_pod WHERE journal.pod_namespace = "
    "decision.pod_namespace AND journal.pod_name = decision.pod_name "
    f"AND journal.id BETWEEN ?2 - {CLAIM_SPAN} AND ?2 + {CLAIM_SPAN} AND decision_id = ?1"
)


def forget_decisions(
    database: Database, named: Sequence[tuple[int, int]], before_seconds: int
) -> None:
    """Forgets claims' decisions, if no journal row names them, and refusals from before.

    `named` are decisions, each with the id of a journal row that named it and is gone. Rule texts
    that no decision which is left may name go with them.
    """
    database.run_many(f"DELETE FROM decision WHERE id = ?1 AND NOT EXISTS ({OF_ONE_CLAIM})", named)
    database.run("DELETE FROM decision WHERE outcome <> 'claimed' AND at < ?", (before_seconds,))
    database.run(
        "DELETE FROM rule_text WHERE retired_after IS NOT NULL AND retired_after < "
        "coalesce((SELECT min(id) FROM decision), retired_after + 1) AND NOT EXISTS "
        "(SELECT 1 FROM pool WHERE rule_digest = rule_text.digest)"
    )


def retire_rule_texts(database: Database, digests: Sequence[str]) -> None:
    """Retires those of the texts that no pool has any more; removes them if no decision is kept."""
    unused = "digest = ?1 AND NOT EXISTS (SELECT 1 FROM pool WHERE rule_digest = ?1)"
    row = database.row("SELECT max(id) FROM decision")
    if row is None or row[0] is None:
        database.run_many(f"DELETE FROM rule_text WHERE {unused}", [(d,) for d in digests])
        return
    database.run_many(
        f"UPDATE rule_text SET retired_after = ?2 WHERE {unused}", [(d, row[0]) for d in digests]
    )
