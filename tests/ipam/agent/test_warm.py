"""What the agent remembers of a store is what stands in it, whatever was written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from ipam.agent.warm import WarmStore
from ipam.gathering import gather_for_claim
from ipam.proposing import propose
from ipam.shortlist import Shortlist, extend
from model.errors import DecisionError
from model.facts import Facts
from model.rules import PoolRules
from store.create import create_store
from store.store import Store, open_store
from tests.ipam.anchored import write_facts
from tests.ipam.calls import make_store, pool
from tests.ipam.test_default_pools import CHANGES, DELETED, by_rules, filled
from tests.policy.random_rules import FACTS


class Pair:
    """One store as it is, and as an agent remembers it from example to example."""

    def __init__(self, plain: Store) -> None:
        self.plain = plain
        self.warm = WarmStore(plain.database)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with create_store(tmp_path_factory.mktemp("laws") / "ipam.db") as store:
        store.database.run("PRAGMA synchronous = OFF")
        yield Pair(store)


@given(CHANGES, DELETED, FACTS)
def test_the_index_gives_what_the_evaluator_ranks(
    pair: Pair, changes: list[PoolRules], deleted: set[str], world: Facts
) -> None:
    filled(pair.plain, changes, deleted)
    for family in (4, 6):
        found = Shortlist()
        while found.after is not None:
            found = extend(pair.warm, world, family, found)
        names = [(pool.rules.name, False) for pool in found.eligible]
        if found.undecided:
            names.append((found.pools[-1].rules.name, True))
        assert names == by_rules(pair.plain, world, family)


@given(CHANGES, DELETED, FACTS)
def test_a_warm_proposal_is_that_of_the_plain_store(
    pair: Pair, changes: list[PoolRules], deleted: set[str], world: Facts
) -> None:
    filled(pair.plain, changes, deleted)
    request = write_facts(pair.plain, world)
    pair.warm.memory.forget()  # settings are written through the plain store here
    told = [outcome(store, request) for store in (pair.plain, pair.warm)]
    assert told[0] == told[1]


def outcome(store: Store, request: object) -> object:
    """The refusal, or the best pools of each family, each with its reason."""
    gathered = gather_for_claim(store, request)  # type: ignore[arg-type]
    try:
        proposal = propose(store, request, gathered)  # type: ignore[arg-type]
    except DecisionError as error:
        return error.code, error.message, error.hint
    claims = [
        (claim.family, [(choice.pool, choice.reason) for choice in claim.choices[:4]])
        for claim in proposal.claims
    ]
    return claims, proposal.rules_digest


def test_what_another_process_writes_counts_from_the_next_look(tmp_path: Path) -> None:
    db = make_store(tmp_path / "ipam.db", pool("a", "10.0.0.1", default=True))
    with open_store(str(db)) as mine, open_store(str(db)) as theirs:
        warm = WarmStore(mine.database)
        warm.memory.look(mine.database)
        assert (warm.pools.names(4), warm.settings.get("enable_ipv6")) == (["a"], True)
        theirs.settings.set("enable_ipv6", False)
        make_store(db, pool("b", "10.0.0.2", default=True, disable=True))
        warm.memory.look(mine.database)
        assert (warm.pools.names(4), warm.settings.get("enable_ipv6")) == (["a", "b"], False)
        assert warm.pools.serving(["b"])["b"].rules.disabled
        theirs.writer.delete_pool("a", "", 1)
        make_store(db, pool("b", "10.0.0.2", default=True))
        assert warm.pools.names(4) == ["b"]
        assert not warm.pools.serving(["b"])["b"].rules.disabled


def test_a_node_that_was_bound_in_a_transaction_that_failed_is_not_remembered(
    tmp_path: Path,
) -> None:
    db = make_store(tmp_path / "ipam.db", pool("a", "10.0.0.1"))
    with open_store(str(db)) as store:
        warm = WarmStore(store.database)
        with store.database.transaction() as whole:
            store.database.run("INSERT INTO meta VALUES ('node', 'node1')")
            assert warm.settings.bound_node() == "node1"
            whole.abandon()
        warm.memory.forget()
        assert warm.settings.bound_node() is None
