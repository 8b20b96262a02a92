"""An ADD that finds default pools by their anchors does what one that reads all of them would."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipam.allocate import allocate
from ipam.deciding import decide
from ipam.gathering import gather, gather_for_claim, view_candidates
from ipam.migrate import pool_anchors
from ipam.proposing import eligible_pools, propose
from ipam.request import Request
from ipam.shortlist import Shortlist, extend
from model.decisions import UNDECIDED, Decision
from model.errors import DecisionError
from model.facts import Facts
from model.rules import PoolRules
from policy.anchors import probes
from policy.evaluate import CLUSTER_DEFAULT, decide_family
from policy.ranks import sort_key
from policy.reasons import details_of, short_form
from policy.standing import Known, standing
from store.create import create_store
from store.repair import check
from store.store import Store
from tests.ipam.anchored import NOW, clear, fill, record, write_facts, write_rules
from tests.policy.random_rules import FACTS, rules


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that each example clears first."""
    with create_store(tmp_path_factory.mktemp("laws") / "ipam.db") as store:
        store.database.run("PRAGMA synchronous = OFF")
        yield store


NAMES = st.integers(0, 15).map(lambda number: f"pool-{number}")
CHANGES = st.lists(rules(NAMES), max_size=30)
DELETED = st.sets(NAMES, max_size=4)


def filled(store: Store, changes: list[PoolRules], deleted: set[str]) -> None:
    """A store after some writes, in which pools come and change, and some deletions between."""
    clear(store)
    half = len(changes) // 2
    write_rules(store, changes[:half])
    for name in deleted:
        store.writer.delete_pool(name, "", NOW)
    write_rules(store, changes[half:])


def by_rules(store: Store, facts: Facts, family: int) -> list[tuple[str, bool]]:
    """(pool, whether undecided) of all that stand up to the first undecided, by reading all."""
    pools = [pool.rules for pool in store.pools.serving_default(family)]
    standing_pools: list[tuple[str, bool]] = []
    for candidate in decide_family(facts, family, CLUSTER_DEFAULT, pools).candidates:
        if candidate.rank and not (standing_pools and standing_pools[-1][1]):
            standing_pools.append((candidate.pool, candidate.outcome == UNDECIDED))
    return standing_pools


@given(CHANGES, DELETED, FACTS)
def test_the_shortlist_is_what_the_evaluator_ranks(
    scratch: Store, changes: list[PoolRules], deleted: set[str], world: Facts
) -> None:
    filled(scratch, changes, deleted)
    assert check(scratch) == []
    for family in (4, 6):
        found = Shortlist()
        while found.after is not None:
            found = extend(scratch, world, family, found)
        names = [(pool.rules.name, False) for pool in found.eligible]
        if found.undecided:
            names.append((found.pools[-1].rules.name, True))
        assert names == by_rules(scratch, world, family)


@given(CHANGES, FACTS, st.integers(1, 5))
def test_pages_of_any_size_give_every_pool_that_stands_once_and_in_order(
    scratch: Store, changes: list[PoolRules], world: Facts, limit: int
) -> None:
    filled(scratch, changes, set())
    known = Known(world, 4)
    anchors, unknown = probes(known)
    seen: list[PoolRules] = []
    after = b""
    while page := scratch.pools.serving_anchored(4, anchors, unknown, after, limit):
        seen += [pool.rules for pool in page]
        after = sort_key(page[-1].rules)
    assert seen == sorted(seen, key=sort_key)
    assert len({pool.name for pool in seen}) == len(seen)
    everything = [pool.rules for pool in scratch.pools.serving_default(4)]
    stand = [pool.name for pool in everything if standing(known, pool) is not False]
    assert sorted(p.name for p in seen if standing(known, p) is not False) == sorted(stand)


def by_all(store: Store, request: Request, facts: Facts) -> Decision | DecisionError:
    """What a decision over every default pool gives."""
    try:
        view = view_candidates(store, facts, request)
        return decide(facts, CLUSTER_DEFAULT, view.pools, None)
    except DecisionError as error:
        return error


@given(CHANGES, DELETED, FACTS)
def test_a_proposal_is_the_beginning_of_that_over_all_pools_or_its_very_refusal(
    scratch: Store, changes: list[PoolRules], deleted: set[str], world: Facts
) -> None:
    filled(scratch, changes, deleted)
    request = write_facts(scratch, world)
    gathered = gather_for_claim(scratch, request)
    expected = by_all(scratch, request, gathered.facts)
    if isinstance(expected, DecisionError):
        with pytest.raises(type(expected)) as caught:
            propose(scratch, request, gathered)
        assert told_of(caught.value) == told_of(expected)
        return
    proposal = propose(scratch, request, gathered)
    assert [one.family for one in proposal.claims] == [one.family for one in expected.families]
    for claim, family in zip(proposal.claims, expected.families, strict=True):
        best = eligible_pools(family)[: len(claim.choices)]
        assert [choice.pool for choice in claim.choices] == best
        assert [choice.reason for choice in claim.choices] == [short_form(family, p) for p in best]


def told_of(error: DecisionError) -> tuple[object, ...]:
    """All that a caller learns of a refusal."""
    details = details_of(error.decision) if error.decision else ""
    return error.code, error.message, error.hint, details


@given(CHANGES, FACTS, st.randoms(), st.sampled_from([0.3, 0.9, 1.0]))
def test_the_address_comes_from_the_best_pool_with_room_whoever_looks(
    scratch: Store, changes: list[PoolRules], world: Facts, rng: random.Random, share: float
) -> None:
    """And its reason is the one that reading all pools gives; nothing is claimed where that fails."""
    filled(scratch, changes, set())
    request = write_facts(scratch, world)
    facts = gather(scratch, request)
    for family in (4, 6):
        for pool in scratch.pools.serving_default(family):
            if rng.random() < share:
                fill(scratch, pool.rules)
    naive = by_all(scratch, request, facts)
    by_counts = naive if isinstance(naive, DecisionError) else _counted(scratch, request)
    if isinstance(by_counts, DecisionError):
        with pytest.raises(type(by_counts)) as caught:
            allocate(scratch, request, NOW)
        assert told_of(caught.value)[:3] == told_of(by_counts)[:3]
        assert scratch.leases.by_attachment(request.attachment) == []
        return
    assert isinstance(naive, Decision)
    leases = allocate(scratch, request, NOW).leases
    assert [lease.pool for lease in leases] == by_counts
    assert [lease.decision for lease in leases] == [
        short_form(family, lease.pool) for family, lease in zip(naive.families, leases, strict=True)
    ]
    assert check(scratch) == []


def _counted(store: Store, request: Request) -> list[str] | DecisionError:
    """The pools that a decision with free counts chooses."""
    try:
        decision = propose(store, request, gather_for_claim(store, request), counting=True).decision
    except DecisionError as error:
        return error
    return [
        next(one.pool for one in family.candidates if one.outcome == "chosen")
        for family in decision.families
    ]


@given(rules())
def test_a_migration_files_a_pool_as_compiling_it_anew_does(pool: PoolRules) -> None:
    compiled = record(pool)
    text = json.dumps(
        {
            "name": pool.name,
            "family": pool.family,
            "checks": pool.checks,
            "ranked": list(pool.ranked),
            "priority": pool.priority,
        }
    )
    sort, alternatives = json.loads(pool_anchors(text))
    assert bytes.fromhex(sort) == compiled.sort
    assert json.dumps(alternatives) == json.dumps(compiled.alternatives)
