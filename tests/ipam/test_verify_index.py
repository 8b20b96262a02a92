"""`--verify-index`: the index is held to the rules, and a difference names the pool."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from ipam.request import Request
from ipam.verify_index import verify_index
from model.errors import StoreError
from model.facts import Unknown
from model.leases import Attachment
from model.pools import ServingPool
from policy.index import PoolIndex
from policy.standing import Known
from store.create import create_store
from store.store import Store
from tests.ipam.anchored import write_facts, write_rules
from tests.policy.worlds import APP_WEB, ZONE_A, facts, pool

HINT = (
    "please report this with the manifests of these pools and what `poolweaver check-store` prints"
)


def filled(store: Store) -> Request:
    """Three default pools that match Pod shop/web-1, best first, the last undecided."""
    names = {"p-1": (APP_WEB,), "p-2": (), "p-3": ()}
    write_rules(
        store, [pool(name, *checks).replace(default=True) for name, checks in names.items()]
    )
    return write_facts(store, facts())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            "DELETE FROM anchor WHERE pool = 'p-1'",
            "rank 1 is pool `p-1` by the rules and pool `p-2` by the index",
        ),
        (
            "DELETE FROM anchor WHERE pool = 'p-3'",
            "rank 3 is pool `p-3` by the rules and no pool by the index",
        ),
        (
            "UPDATE anchor SET sort = x'00' WHERE pool = 'p-2'",
            "rank 1 is pool `p-1` by the rules and pool `p-2` by the index",
        ),
    ],
)
def test_a_difference_names_rank_and_pools(tmp_path: Path, damage: str, message: str) -> None:
    with create_store(tmp_path / "ipam.db") as store:
        request = filled(store)
        verify_index(store, request)
        store.database.run(damage)
        with pytest.raises(StoreError) as caught:
            verify_index(store, request)
    assert (caught.value.code, caught.value.message, caught.value.hint) == (
        "index-disagrees",
        f"the index disagrees with the rules: for pod shop/web-1, IPv4, {message}",
        HINT,
    )
    assert caught.value.span is None


def test_a_difference_of_the_index_in_memory_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(PoolIndex):
        def walk(
            self, known: Known, after: bytes = b""
        ) -> Iterator[tuple[ServingPool, bool | None]]:
            return islice(super().walk(known, after), 1, None)

    with create_store(tmp_path / "ipam.db") as store:
        request = filled(store)
        monkeypatch.setattr("ipam.verify_index.PoolIndex", Forgetful)
        with pytest.raises(StoreError) as caught:
            verify_index(store, request)
    assert (caught.value.code, caught.value.message, caught.value.hint) == (
        "index-disagrees",
        "the index disagrees with the rules: for pod shop/web-1, IPv4, in memory: the index gives "
        "`p-2` at rank 1, the evaluator `p-1`",
        HINT,
    )


def test_an_undecided_pool_is_compared_too(tmp_path: Path) -> None:
    missing = Unknown("node node1", "nobody applied it", "apply it")
    with create_store(tmp_path / "ipam.db") as store:
        write_rules(store, [pool("p-1", ZONE_A).replace(default=True)])
        request = write_facts(store, facts(node=missing))
        verify_index(store, request)
        store.database.run("DELETE FROM anchor")
        with pytest.raises(StoreError, match="rank 1 is pool `p-1` \\(undecided\\) by the rules"):
            verify_index(store, request)


def test_a_pod_that_is_not_known_is_not_compared(tmp_path: Path) -> None:
    with create_store(tmp_path / "ipam.db") as store:
        filled(store)
        store.database.run("DELETE FROM anchor")
        verify_index(store, Request(Attachment("node1", "net", "c", "eth0"), "shop", "nobody"))
