"""The index against the evaluator: the same pools, in the same order, or what differs first."""

from __future__ import annotations

from model.decisions import UNDECIDED
from policy.evaluate import CLUSTER_DEFAULT, decide_family
from policy.standing import Known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.facts import Facts
    from policy.index import PoolIndex


def disagreement(index: PoolIndex, facts: Facts, family: int) -> str:
    """How the index's answer differs from the evaluator's over the same pools; empty if not at all.

    Looks at every default pool: for `--verify-index` and for tests, not for a hot path.
    """
    walked = index.walk(Known(facts, family))
    found = [(pool.rules.name, verdict is None) for pool, verdict in walked]
    rules = [pool.rules for pool in index.pools()]
    defaults = [one for one in rules if one.default and one.family == family]
    decided = decide_family(facts, family, CLUSTER_DEFAULT, defaults)
    wanted = [(one.pool, one.outcome == UNDECIDED) for one in decided.candidates if one.rank]
    if found == wanted:
        return ""
    pairs = enumerate(zip([*found, None], [*wanted, None], strict=False), 1)
    place, (ours, right) = next((p, pair) for p, pair in pairs if pair[0] != pair[1])
    return f"the index gives {_told(ours)} at rank {place}, the evaluator {_told(right)}"


def _told(found: tuple[str, bool] | None) -> str:
    if found is None:
        return "no more pool"
    return f"`{found[0]}`{' (undecided)' if found[1] else ''}"
