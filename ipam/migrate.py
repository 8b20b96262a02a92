"""MIGRATE: a store of an older schema to this program's, with what only policy can compile anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from model.rules import PoolRules
from policy.anchors import filing
from policy.ranks import sort_key
from store.create import migrate_file
from store.database import BUSY_SECONDS


def migrate(path: str | Path, busy_seconds: float = BUSY_SECONDS) -> tuple[int, int]:
    """The schema numbers before and after; raises what `store.create.migrate_file` raises."""
    return migrate_file(path, FUNCTIONS, busy_seconds)


def pool_anchors(text: str) -> str:
    """The rank and the anchors of compiled rules, for a step that files pools under them.

    From JSON `{"name", "family", "checks", "ranked", "priority"}` to JSON `[sort in hexadecimal,
    alternatives]`.
    """
    value = json.loads(text)
    checks = [(*check[:4], tuple(check[4])) for check in value["checks"]]
    rules = PoolRules(value["name"], value["family"], checks, value["ranked"], value["priority"])
    return json.dumps([sort_key(rules).hex(), filing(checks)])


# What steps may call, as functions of SQL.
FUNCTIONS: Mapping[str, Callable[[str], str]] = {"pool_anchors": pool_anchors}
