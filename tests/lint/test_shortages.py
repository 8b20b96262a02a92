"""Shortages against all subsets: Hall's condition, as it is written in textbooks."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from policy.lint.shortages import Shortage, shortages

POOLS = "abcd"
demands_of = st.lists(
    st.tuples(st.integers(0, 6), st.sets(st.sampled_from(POOLS), min_size=1)), max_size=6
)
capacities_of = st.fixed_dictionaries({name: st.integers(0, 8) for name in POOLS})


def fits(demands: list[tuple[int, set[str]]], capacities: dict[str, int]) -> bool:
    """Whether no set of demands exceeds all pools that any of it may use."""
    for count in range(1, len(demands) + 1):
        for some in combinations(demands, count):
            room = sum(capacities[name] for name in set().union(*(pools for _, pools in some)))
            if sum(number for number, _ in some) > room:
                return False
    return True


@given(demands_of, capacities_of)
def test_something_is_short_just_where_some_set_of_demands_exceeds_its_pools(
    demands: list[tuple[int, set[str]]], capacities: dict[str, int]
) -> None:
    found = shortages(demands, capacities)
    assert found is not None
    assert bool(found) is not fits(demands, capacities)


@given(demands_of, capacities_of)
def test_each_shortage_is_a_proof_and_no_demand_is_in_two(
    demands: list[tuple[int, set[str]]], capacities: dict[str, int]
) -> None:
    told: set[int] = set()
    for short in shortages(demands, capacities) or ():
        own = [demands[place] for place in short.demands]
        assert short.pools == set().union(*(pools for _, pools in own))
        assert sum(number for number, _ in own) > sum(capacities[name] for name in short.pools)
        assert told.isdisjoint(short.demands)
        told.update(short.demands)


def test_demands_move_aside_for_one_that_has_no_choice() -> None:
    demands = [(3, {"a", "b"}), (3, {"a"}), (2, {"b", "c"}), (2, {"c"})]
    assert shortages(demands, {"a": 4, "b": 3, "c": 3, "d": 0}) == []
    assert shortages(demands, {"a": 3, "b": 3, "c": 3, "d": 0}) == [
        Shortage((0, 1, 2, 3), frozenset("abc"))
    ]


def test_a_question_that_is_too_large_has_no_answer() -> None:
    demands = [(3, {"a", "b"}), (3, {"a"}), (2, {"b", "c"}), (2, {"c"})]
    assert shortages(demands, {"a": 4, "b": 3, "c": 3}, most_steps=3) is None


def test_large_numbers_cost_no_more_than_small_ones() -> None:
    huge = 2**64
    demands = [(huge, {"a", "b"}), (huge, {"b", "c"}), (1, {"a"})]
    assert shortages(demands, {"a": huge, "b": huge, "c": 1}) == []
    assert shortages(demands, {"a": huge, "b": huge, "c": 0}) == [
        Shortage((0, 1, 2), frozenset("abc"))
    ]
