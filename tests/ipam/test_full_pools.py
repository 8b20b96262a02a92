"""A Pod that many pools match, of which one alone has an address, gets it, and at little cost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ipam.agent.warm import WarmStore
from ipam.allocate import allocate
from model.errors import PoolExhaustedError
from store.create import create_store
from store.store import Store
from tests.ipam.anchored import NOW, fill, write_facts, write_rules
from tests.policy.worlds import APP_DB, APP_WEB, facts, pool

MATCHING = 480


def plain(store: Store) -> Store:
    return store


def warm(store: Store) -> Store:
    remembering = WarmStore(store.database)
    remembering.pools.known()
    return remembering


@pytest.mark.parametrize("looked_at", [plain, warm])
@pytest.mark.parametrize("free", [0, 3, 200, MATCHING - 1])
def test_the_pool_that_has_an_address_is_found_behind_479_full_ones(
    tmp_path: Path, looked_at: Callable[[Store], Store], free: int
) -> None:
    with closing(create_store(tmp_path / "ipam.db")) as store:
        store.database.run("PRAGMA synchronous = OFF")
        matching = [pool(f"p-{n}", APP_WEB).replace(default=True) for n in range(MATCHING)]
        others = [pool(f"q-{n}", APP_DB).replace(default=True) for n in range(500, 520)]
        write_rules(store, [*matching, *others])
        for one in matching:
            if one.name != f"p-{free}":
                fill(store, one)
        request = write_facts(store, facts())
        seen = looked_at(store)
        statements: list[str] = []
        store.database.connection.set_trace_callback(statements.append)
        (lease,) = allocate(seen, request, NOW).leases
        store.database.connection.set_trace_callback(None)
        assert lease.pool == f"p-{free}"
        assert len(statements) < MATCHING, "full pools are passed over many at a time"
        with pytest.raises(PoolExhaustedError) as caught:
            allocate(seen, request.replace(attachment=request.attachment.replace(ifname="b")), NOW)
        assert caught.value.message == (
            "no free IPv4 address for pod shop/web-1: every matching pool is full (p-0, p-1, p-2 "
            "and 477 more)"
        )
