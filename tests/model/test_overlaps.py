"""What pools share, by number, against a pair-by-pair oracle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.addresses import prefix_bounds
from model.overlaps import MOST_OVERLAPS, shared_addresses, shared_subnets

Piece = tuple[int, int, int, int]
Subnet = tuple[int, int, int]

NUMBERS = st.integers(0, 40)


@st.composite
def pieces(draw: st.DrawFn) -> list[Piece]:
    """One piece a pool, of either family."""
    count = draw(st.integers(0, 8))
    found = []
    for place in range(count):
        first, last = sorted((draw(NUMBERS), draw(NUMBERS)))
        found.append((draw(st.sampled_from((4, 6))), first, last, place))
    return found


@given(pieces())
def test_of_few_pools_every_pair_that_shares_addresses_is_told_once(given: list[Piece]) -> None:
    told = sorted(shared_addresses(given))
    pairs = [
        (one[3], other[3], max(one[1], other[1]), min(one[2], other[2]))
        for place, one in enumerate(given)
        for other in given[place + 1 :]
        if one[0] == other[0] and max(one[1], other[1]) <= min(one[2], other[2])
    ]
    assert told == sorted(pairs)


def test_of_many_pools_each_is_told_of_a_few() -> None:
    many = [(4, 0, 100 + place % 7, place) for place in range(500)]
    told = list(shared_addresses(many))
    assert len(told) <= 500 * MOST_OVERLAPS
    assert {pool for early, late, _, _ in told for pool in (early, late)} == set(range(500))


@given(st.lists(st.tuples(st.just(4), NUMBERS, st.integers(26, 32)), max_size=8))
def test_a_subnet_that_overlaps_a_different_one_is_told(written: list[Subnet]) -> None:
    subnets = list(dict.fromkeys((f, prefix_bounds(f, n, b)[0], b) for f, n, b in written))
    told = shared_subnets(subnets)
    bounds = {subnet: prefix_bounds(*subnet) for subnet in subnets}
    sharing = {
        one
        for one in subnets
        for other in subnets
        if one != other
        and bounds[one][0] <= bounds[other][1]
        and bounds[other][0] <= bounds[one][1]
    }
    assert {subnet for pair in told.items() for subnet in pair} <= sharing
    assert bool(told) == bool(sharing)
    assert all(subnets.index(early) < subnets.index(late) for late, early in told.items())
