"""How long a released address rests: the pool's annotation, else the setting, each told by time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ipam.apply import apply
from model.leases import NoneLeft, Release
from model.pools import PoolUsage
from store.store import Store
from tests.store.build import NOW, attachment, claim, claim_of, events, run

ANNOTATION = "poolweaver.io/quarantine-seconds"


def applied(
    store: Store, *ips: str, seconds: str | None = None, name: str = "p", now: int = NOW
) -> None:
    metadata: dict[str, Any] = {"name": name}
    if seconds is not None:
        metadata["annotations"] = {ANNOTATION: seconds}
    spec = {"subnet": "10.0.0.0/16", "ips": list(ips)}
    document = {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderIPPool",
        "metadata": metadata,
        "spec": spec,
    }
    apply(store, [("pool.yaml", json.dumps(document).encode())], now)


def release(store: Store, container: str, now: int) -> None:
    store.leases.execute([Release(attachment(container))], now)


def rests(store: Store) -> list[int]:
    """Until when the leases of the pool rest, NOW taken away."""
    return [
        lease.rests_until_seconds - NOW
        for lease in store.leases.by_pool("p")
        if lease.state == "resting"
    ]


# annotation, setting (None: as it comes), how long a release rests
WORDS = [
    ("nobody says", None, None, 60),
    ("the setting says", None, "7", 7),
    ("the setting switches it off", None, "0", 0),
    ("the pool says", "5", "7", 5),
    ("the pool switches it off", "0", "7", 0),
    ("the pool switches it on", "5", "0", 5),
]


@pytest.mark.parametrize(
    ("annotation", "setting", "seconds"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS]
)
def test_a_released_address_rests_for_others_as_long_as_was_said(
    store: Store, annotation: str | None, setting: str | None, seconds: int
) -> None:
    applied(store, "10.0.0.1-10.0.0.9", seconds=annotation)
    if setting is not None:
        store.settings.set("quarantine_seconds", setting)
    claim(store, "c1", "p")
    release(store, "c1", NOW)
    assert rests(store) == ([seconds] if seconds else [])
    if seconds:
        assert claim(store, "early", "p", now=NOW + seconds - 1) == "10.0.0.2"
    assert claim(store, "late", "p", now=NOW + seconds) == "10.0.0.1"


def test_what_rests_keeps_its_time_whatever_is_said_later(store: Store) -> None:
    applied(store, "10.0.0.1-10.0.0.9", seconds="30")
    claim(store, "c1", "p")
    release(store, "c1", NOW)
    applied(store, "10.0.0.1-10.0.0.9", seconds="0")
    store.settings.set("quarantine_seconds", "0")
    assert claim(store, "c2", "p", now=NOW + 29) == "10.0.0.2"
    assert claim(store, "c3", "p", now=NOW + 30) == "10.0.0.1"
    release(store, "c3", NOW + 30)
    assert claim(store, "c4", "p", now=NOW + 30) == "10.0.0.1"


def test_a_clock_that_went_back_gives_nothing_away_early(store: Store) -> None:
    applied(store, "10.0.0.1-10.0.0.9", seconds="30")
    claim(store, "c1", "p")
    release(store, "c1", NOW)
    assert claim(store, "c2", "p", now=NOW - 1000) == "10.0.0.2"
    assert rests(store) == [30]


def test_an_address_that_was_asked_for_is_given_though_it_rests(store: Store) -> None:
    applied(store, "10.0.0.1-10.0.0.9", seconds="30")
    claim(store, "c1", "p")
    release(store, "c1", NOW)
    assert claim(store, "c2", "p", address="10.0.0.1", now=NOW + 1) == "10.0.0.1"
    assert events(store, "10.0.0.1") == ["claimed", "released", "reclaimed", "claimed"]
    assert claim(store, "c3", "p", address="10.0.0.1", now=NOW + 1) == NoneLeft(4)


def test_a_resting_address_that_is_excluded_goes_to_no_claim_and_may_join_another_pool(
    store: Store,
) -> None:
    applied(store, "10.0.0.1-10.0.0.2", seconds="30")
    claim(store, "c1", "p")
    release(store, "c1", NOW)
    applied(store, "10.0.0.2", seconds="30")
    assert store.leases.by_pool("p") == []
    assert claim(store, "c2", "p", now=NOW + 90) == "10.0.0.2"
    assert claim(store, "c3", "p", now=NOW + 90) == NoneLeft(4)
    applied(store, "10.0.0.1", name="q")
    assert claim(store, "c3", "q", now=NOW + 1) == "10.0.0.1"


def test_a_pool_whose_addresses_only_rest_is_deleted_with_them(store: Store) -> None:
    applied(store, "10.0.0.1-10.0.0.2", seconds="30")
    claim(store, "c1", "p")
    release(store, "c1", NOW)
    assert store.writer.delete_pool("p", "", NOW + 1) == []
    assert store.leases.by_address(4, 0x0A000001) is None
    applied(store, "10.0.0.1-10.0.0.2", name="p")
    assert store.pools.usage(["p"])["p"] == PoolUsage(2, 0, 0, 2)
    assert claim(store, "c2", "p", now=NOW + 2) == "10.0.0.1"
    assert events(store, "10.0.0.1") == ["claimed", "released", "reclaimed", "claimed"]


def test_a_full_pool_gives_what_rested_longest_and_not_what_is_lowest(store: Store) -> None:
    applied(store, "10.0.0.1-10.0.0.3", seconds="30")
    for container in ("c1", "c2", "c3"):
        claim(store, container, "p")
    for place, container in enumerate(("c3", "c1", "c2")):
        release(store, container, NOW + place)
    given = [claim(store, f"d{place}", "p", now=NOW + 5) for place in range(4)]
    assert given == ["10.0.0.3", "10.0.0.1", "10.0.0.2", NoneLeft(4)]


def test_one_claim_never_takes_two_resting_addresses(store: Store) -> None:
    applied(store, "10.0.0.1-10.0.0.2", seconds="30")
    for container in ("c1", "c2"):
        claim(store, container, "p")
    for container in ("c1", "c2"):
        release(store, container, NOW)
    assert run(store, claim_of(store, "c3", "p"), NOW + 1).leases[0].address == 0x0A000001
    assert rests(store) == [30]
