"""Digests of rules, and their texts."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from store.claim import rules_digest
from store.decision_rows import retire_rule_texts
from store.pool_records import pool_weight
from store.repair.problems import APPLY, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database, Row

TITLE = "the rules"
_POOLS = (
    "SELECT name, digest, rule_digest, is_default, disabled, terminating, priority, gateway, "
    "routes, weight FROM pool ORDER BY name"
)
_TEXTS = (
    "SELECT name, rule_digest, text FROM pool LEFT JOIN rule_text "
    "ON rule_text.digest = rule_digest ORDER BY name"
)
# A text that no pool has is there for the decisions that were made with it, and says which.
_ORPHANS = (
    "FROM rule_text WHERE retired_after IS NULL AND digest NOT IN (SELECT rule_digest FROM pool)"
)
_RETIRED = (
    "FROM rule_text WHERE retired_after IS NOT NULL AND digest IN (SELECT rule_digest FROM pool)"
)


def find(database: Database) -> Iterator[Problem]:
    """Digests that are not those of their pools, and texts that are missing or nobody's."""
    total = 0
    for row in database.rows(_POOLS):
        weight = _weight(row)
        total += int.from_bytes(weight, "big")
        if weight != row[9]:
            message = f"the digest of pool `{row[0]}` is not that of its rules"
            yield Problem("rules-digest", message, pool=row[0])
    if _sum_text(total) != rules_digest(database):
        yield Problem("rules-digest", "the digest of all rules is not the sum over all pools")
    for name, digest, text in database.rows(_TEXTS):
        if text is None or sha256(text.encode()).hexdigest() != digest:
            message = f"the text of the rules of pool `{name}` is missing or another"
            yield Problem("rule-text", message, APPLY, pool=name)
    if database.rows(f"SELECT 1 {_ORPHANS} LIMIT 1"):
        yield Problem("rule-text", "there are texts of rules that no pool refers to")
    if database.rows(f"SELECT 1 {_RETIRED} LIMIT 1"):
        yield Problem("rule-text", "there are texts of rules that are to go while a pool has them")


def mend(database: Database) -> None:
    """Computes all digests anew, and files the texts of nobody under the decisions there are."""
    total = 0
    for row in database.rows(_POOLS):
        weight = _weight(row)
        total += int.from_bytes(weight, "big")
        if weight != row[9]:
            database.run("UPDATE pool SET weight = ? WHERE name = ?", (weight, row[0]))
    database.run("INSERT OR REPLACE INTO meta VALUES ('rules_digest', ?)", (_sum_text(total),))
    database.run(
        f"UPDATE rule_text SET retired_after = NULL WHERE digest IN (SELECT digest {_RETIRED})"
    )
    orphans = [row[0] for row in database.rows(f"SELECT digest {_ORPHANS}")]
    retire_rule_texts(database, orphans)


def _weight(row: Row) -> bytes:
    return pool_weight(row[0], row[1], row[2], (row[3], row[4], row[5]), *row[6:9])


def _sum_text(total: int) -> str:
    return f"{total % (1 << 256):064x}"
