"""Addresses and subnets that two of the linted pools share: what `apply` refuses of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from model.overlaps import shared_addresses, shared_subnets
from model.pools import Conflict
from policy.conflicts import conflict_error
from policy.lint.finding import Finding, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.refused import refusal

MOST_RELATED = 5


def shared(linted: Linted) -> Iterator[Finding]:
    """One finding a pool that shares addresses with others, and one a subnet that overlaps."""
    conflicts: dict[str, dict[str, Conflict]] = {}
    for conflict in _addresses(linted.pools):
        conflicts.setdefault(conflict.pool, {}).setdefault(conflict.other, conflict)
    for of_pool in conflicts.values():
        yield _finding(linted, list(of_pool.values()))
    for conflict in _subnets(linted.pools):
        yield _finding(linted, [conflict])


def _finding(linted: Linted, conflicts: list[Conflict]) -> Finding:
    """The first of a pool's conflicts, with the others as related places."""
    first = conflicts[0]
    found = refusal(conflict_error(first, linted.by_name[first.pool].spec))
    field = "subnet" if first.kind == "subnet-overlap" else "ips"
    related = tuple(
        Related(linted.by_name[one.other].document.span(("spec", field)), f"the pool `{one.other}`")
        for one in conflicts[:MOST_RELATED]
    )
    more = len(conflicts) - 1
    words = f", and {more} more pool{'' if more == 1 else 's'} share addresses" if more else ""
    return replace(found, message=found.message + words, about=first.other, related=related)


def _addresses(pools: list[LintedPool]) -> Iterator[Conflict]:
    pieces = (
        (pool.rules.family, first, last, place)
        for place, pool in enumerate(pools)
        for first, last in pool.addresses
    )
    for early, late, first, last in shared_addresses(pieces):
        pool, other = pools[late], pools[early].name
        yield Conflict(pool.name, "address-overlap", other, pool.rules.family, first, last)


def _subnets(pools: list[LintedPool]) -> Iterator[Conflict]:
    """As a store that is empty would say it: of the pool whose subnet came later."""
    first_of: dict[tuple[int, int, int], LintedPool] = {}
    for pool in pools:
        subnet = pool.spec.subnet
        first_of.setdefault((subnet.family, subnet.first, subnet.prefix_bits), pool)
    for late, early in shared_subnets(list(first_of)).items():
        pool, other = first_of[late], first_of[early].name
        subnet = pool.spec.subnet
        yield Conflict(pool.name, "subnet-overlap", other, subnet.family, subnet.first, subnet.last)
