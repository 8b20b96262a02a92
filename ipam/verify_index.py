"""Whether the index finds for a request what the rules say: both ways, compared.

The naive evaluator reads every default pool, the index those that are filed where the facts look.
Up to the first undecided pool both must give the same pools in the same order.
"""

from __future__ import annotations

from ipam.gathering import enabled_families, gather
from ipam.shortlist import Shortlist, extend
from model.decisions import UNDECIDED
from model.errors import StoreBusyError, StoreError
from model.facts import Unknown
from policy.evaluate import CLUSTER_DEFAULT, decide_family
from policy.index import PoolIndex
from policy.index_check import disagreement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipam.request import Request
    from model.facts import Facts
    from store.store import Store

    # Names in rank order; True where the pool is undecided, which only the last is.
    Standing = list[tuple[str, bool]]

ATTEMPTS = 8  # how often both are asked again because the pools changed in between


def verify_index(store: Store, request: Request) -> None:
    """Raises `StoreError` with code `index-disagrees` where they differ, naming the pool.

    Both the look-up in the store, which an embedded ADD uses, and an index in memory over the same
    pools, as the agent has one. A no-op where the Pod is not known: nothing is decided for it
    either way. Compares default pools, whatever names the candidates of this request. Takes time
    with every pool there is.
    """
    facts = gather(store, request)
    if isinstance(facts.pod, Unknown):
        return
    enabled = enabled_families(store)
    for family in enabled:
        by_rules, by_index = _both(store, facts, family)
        if by_rules != by_index:
            raise _disagreement(facts, family, by_rules, by_index)
    index = PoolIndex([pool for family in enabled for pool in store.pools.serving_default(family)])
    for family in enabled:
        unlike = disagreement(index, facts, family)
        if unlike:
            raise _error(f"for {_whose(facts)}, IPv{family}, in memory: {unlike}")


def _both(store: Store, facts: Facts, family: int) -> tuple[Standing, Standing]:
    for _ in range(ATTEMPTS):
        before = store.pools.rules_digest()
        by_rules = _by_rules(store, facts, family)
        by_index = _by_index(store, facts, family)
        if store.pools.rules_digest() == before:
            return by_rules, by_index
    raise StoreBusyError("the pools keep changing", "try again")


def _by_rules(store: Store, facts: Facts, family: int) -> Standing:
    rules = [pool.rules for pool in store.pools.serving_default(family)]
    names: Standing = []
    for candidate in decide_family(facts, family, CLUSTER_DEFAULT, rules).candidates:
        if candidate.rank:
            names.append((candidate.pool, candidate.outcome == UNDECIDED))
            if names[-1][1]:
                break
    return names


def _by_index(store: Store, facts: Facts, family: int) -> Standing:
    found = Shortlist()
    while found.after is not None:
        found = extend(store, facts, family, found, may_skip_full=False)
    names: Standing = [(pool.rules.name, False) for pool in found.eligible]
    return [*names, (found.pools[-1].rules.name, True)] if found.undecided else names


def _disagreement(facts: Facts, family: int, by_rules: Standing, by_index: Standing) -> StoreError:
    """The first rank at which the two differ."""
    longest = max(len(by_rules), len(by_index))
    ranks = [[*found, *[("", False)] * (longest - len(found))] for found in (by_rules, by_index)]
    rank, (right, wrong) = next(
        (rank, pair) for rank, pair in enumerate(zip(*ranks, strict=True), 1) if pair[0] != pair[1]
    )
    return _error(
        f"for {_whose(facts)}, IPv{family}, rank {rank} is {_text(right)} by the rules and "
        f"{_text(wrong)} by the index"
    )


def _whose(facts: Facts) -> str:
    return f"pod {facts.pod_text}" if facts.pod_text else "this container"


def _error(problem: str) -> StoreError:
    return StoreError(
        f"the index disagrees with the rules: {problem}",
        "please report this with the manifests of these pools and what `poolweaver check-store` "
        "prints",
        code="index-disagrees",
    )


def _text(found: tuple[str, bool]) -> str:
    name, undecided = found
    if not name:
        return "no pool"
    return f"pool `{name}` (undecided)" if undecided else f"pool `{name}`"
