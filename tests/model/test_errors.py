"""The error tree: every class has codes and edges, and only one is retryable."""

from __future__ import annotations

from collections.abc import Iterator

from model import errors
from model.errors import CNI_CODES, CODES, EDGES, PoolweaverError, cni_code, exit_code


def classes(base: type[PoolweaverError] = PoolweaverError) -> Iterator[type[PoolweaverError]]:
    for one in base.__subclasses__():
        yield one
        yield from classes(one)


def test_every_class_has_codes_and_edges_and_a_place_in_the_drawing() -> None:
    found = {one.__name__ for one in classes()}
    assert found == set(CODES) == {one.__name__ for one in EDGES}
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in found)


def test_no_code_belongs_to_two_classes() -> None:
    codes = [code for listed in CODES.values() for code in listed]
    assert len(codes) == len(set(codes))


def test_a_busy_store_alone_is_retryable() -> None:
    assert [one.__name__ for one in classes() if one.retryable] == ["StoreBusyError"]


def test_cni_codes_are_reserved_ones_or_our_own() -> None:
    reserved = {1, 4, 5, 6, 7, 11}
    used = {cni for _, cni in EDGES.values()} | set(CNI_CODES.values())
    assert all(code in reserved or code >= 100 for code in used)


def test_an_error_leaves_with_the_codes_of_its_class() -> None:
    error = errors.CniError("x", code="cni-version")
    assert (exit_code(error), cni_code(error)) == (1, 1)
    assert cni_code(errors.PoolExhaustedError("x")) == 103
    assert exit_code(errors.NoMatchingPoolError("x")) == 4
