"""Schema 5: decisions are kept with what they were decided on, and the rule texts they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.migrations import statements

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

_DECISIONS = """
CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  pod_namespace TEXT NOT NULL,       -- empty, as the name, where no Pod asked
  pod_name TEXT NOT NULL,
  ifname TEXT NOT NULL,
  outcome TEXT NOT NULL,             -- claimed, or the code of the refusal
  rules_digest TEXT NOT NULL,
  evidence TEXT NOT NULL             -- JSON (ipam/evidence.py)
);
-- Invariant: of a Pod's interface, the last refusal alone is kept.
CREATE UNIQUE INDEX decision_refusal ON decision (pod_namespace, pod_name, ifname)
  WHERE outcome <> 'claimed';
CREATE INDEX decision_refusals ON decision (id) WHERE outcome <> 'claimed';
-- The decision that a claimed row came of; 0 for rows of another event, or from before. The claims
-- of a decision are found by the Pod, which both name: an index less for each ADD to write.
ALTER TABLE journal ADD COLUMN decision_id INTEGER NOT NULL DEFAULT 0;
-- A text that no pool has any more may be named by decisions up to this id; NULL: a pool has it.
ALTER TABLE rule_text ADD COLUMN retired_after INTEGER;
CREATE INDEX rule_text_retired ON rule_text (retired_after) WHERE retired_after IS NOT NULL;
"""


def migrate(tables: Tables) -> None:
    """No decision was kept before."""
    for statement in statements(_DECISIONS):
        tables.execute(statement)
