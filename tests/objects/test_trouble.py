"""Clients in trouble, by seed: the promises hold at every moment, and nothing is lost for ever."""

from __future__ import annotations

import pytest

from model.leases import LetGo, NoneLeft
from tests.objects.promises import check_journal
from tests.objects.repair import loose_ends
from tests.objects.trial import PLACES, Trial
from tests.soak import scaled
from tests.store.build import NOW, attachment, both, run, texts

SEEDS = range(scaled(25, 3000))
KINDS = {"calm": (0.0, 0.0), "faults": (0.2, 0.0), "deaths": (0.1, 0.004)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_promises_hold_at_every_moment_and_repair_finds_the_rest(seed: int, kind: str) -> None:
    """Four clients; the seed in the test's name decides their turns, steps and faults."""
    trial = Trial(seed, *KINDS[kind])
    trial.run(clients=4, steps=15)
    trial.settle()
    assert loose_ends(trial.api) == []
    check_journal(trial.calm, PLACES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_holds_holds_even_where_calls_for_one_interface_overlap(seed: int, kind: str) -> None:
    """No runtime does that; a call that was given up and is still on its way looks like it."""
    trial = Trial(seed, *KINDS[kind], shared=True)
    trial.run(clients=4, steps=12)
    trial.settle()
    assert loose_ends(trial.api) == []
    check_journal(trial.calm, PLACES)


def test_the_same_seed_is_the_same_trial() -> None:
    def story(seed: int) -> list[str]:
        trial = Trial(seed, *KINDS["deaths"])
        trial.run(clients=3, steps=5)
        return [str(event) for event in trial.api.watch(0)]

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_the_trials_meet_every_outcome() -> None:
    """Else they would prove nothing about it."""
    met: set[str] = set()
    for seed in range(25):
        trial = Trial(seed, *KINDS["faults"])
        trial.run(clients=4, steps=15)
        met |= set(trial.outcomes)
    assert met == {
        *("Busy", "Claimed", "Existing", "NoneLeft", "NothingHeld", "Released", "Stale"),
    }


def test_after_a_trial_and_its_repair_every_address_can_be_had() -> None:
    """Nothing leaks: with nobody left, the pools are whole again."""
    trial = Trial(3, *KINDS["deaths"])
    trial.run(clients=4, steps=15)
    trial.settle()
    store, later = trial.calm, NOW + 10_000
    held = [one for name in ("a", "six") for one in store.leases.by_pool(name)]
    run(store, LetGo(held, "over"), later)
    outcomes = [run(store, both(store, f"n{i}"), later + 100) for i in range(7)]
    assert [texts(one.leases[1]) for one in outcomes[:6]] == [f"fd00::{i}" for i in range(1, 7)]
    assert outcomes[6] == NoneLeft(6)
    assert store.leases.by_attachment(attachment("n6")) == []
