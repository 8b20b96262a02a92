"""What a refusal says of many pools, counted: the evaluator's very numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.facts import Facts
from model.rules import PoolRules
from policy.evaluate import CLUSTER_DEFAULT, decide_family
from policy.ranks import sort_key
from policy.reasons import histogram, nearest_misses
from policy.standing import Known
from policy.tally import tally
from tests.policy.random_rules import worlds


@given(worlds(), st.integers(0, 6), st.randoms())
def test_a_tally_says_of_all_pools_what_the_evaluator_says(
    world: tuple[Facts, list[PoolRules]], most: int, rng: object
) -> None:
    facts, drawn = world
    for family in (4, 6):
        pools = sorted(
            (pool for pool in drawn if pool.family == family),
            key=lambda pool: sort_key(pool)[9:],
        )
        naive = decide_family(facts, family, CLUSTER_DEFAULT, pools)
        rows = [(p.name, sort_key(p), p.checks, p.disabled, p.terminating) for p in pools]
        rng.shuffle(rows)  # type: ignore[attr-defined]
        found = tally(Known(facts, family), rows, most)
        by_name = {pool.name: pool for pool in pools}
        told = decide_family(facts, family, CLUSTER_DEFAULT, [by_name[n] for n in found.told])
        told = told.replace(omitted=found.omitted)
        assert histogram(told) == histogram(naive)
        assert told.considered == naive.considered == len(pools)
        assert nearest_misses(told, most) == nearest_misses(naive, most)
        ranked = [one for one in naive.candidates if one.rank]
        assert [one for one in told.candidates if one.rank] == ranked
