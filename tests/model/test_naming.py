"""Natural order and near names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.naming import edit_distance, natural_key, nearest

NAMES = st.text("ab019.-", max_size=8)


def test_numbers_in_names_compare_as_numbers() -> None:
    names = ["pool-10", "pool-2", "pool", "pool-02", "Pool-1", "pool-2a"]
    assert sorted(names, key=natural_key) == [
        "Pool-1",
        "pool",
        "pool-02",
        "pool-2",
        "pool-2a",
        "pool-10",
    ]


@given(st.lists(NAMES, unique=True))
def test_natural_order_is_total(names: list[str]) -> None:
    keys = [natural_key(name) for name in names]
    assert len(set(keys)) == len(names)
    shuffled = names[::-1]
    assert sorted(names, key=natural_key) == sorted(shuffled, key=natural_key)


def plain_distance(a: str, b: str) -> int:
    if not a or not b:
        return len(a) + len(b)
    return min(
        plain_distance(a[1:], b) + 1,
        plain_distance(a, b[1:]) + 1,
        plain_distance(a[1:], b[1:]) + (a[0] != b[0]),
    )


@given(st.text("abc", max_size=5), st.text("abc", max_size=5), st.integers(0, 5))
def test_the_distance_is_levenshteins_up_to_the_limit(a: str, b: str, limit: int) -> None:
    assert edit_distance(a, b, limit) == min(plain_distance(a, b), limit + 1)


def test_near_names_come_nearest_first_and_far_ones_not_at_all() -> None:
    assert nearest("podAffinty", ["podAffinity", "nodeAffinity", "subnet"]) == [
        "podAffinity",
        "nodeAffinity",
    ]
    assert nearest("foo", ["po", "job", "no"]) == []
