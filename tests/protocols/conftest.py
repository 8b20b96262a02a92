"""Every implementation of the Protocols; its own invariants are checked when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from zlib import crc32

import pytest

from model.protocols import Store
from store.create import create_store
from store.repair import check
from tests.objects.api import FakeApi
from tests.objects.client import Client
from tests.objects.faults import FaultyApi
from tests.objects.ledger import Ledger
from tests.objects.repair import loose_ends, repair
from tests.objects.store import ObjectStore

LATER = 1 << 40


@pytest.fixture(params=["sqlite", "objects", "objects in trouble"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param != "sqlite":
        api, calm = FakeApi(), request.param == "objects"
        seed = crc32(request.node.name.encode())  # the same trouble for the same test
        faulty = FaultyApi(api, Random(seed), 0.1, [], lambda: None)
        yield ObjectStore(api if calm else faulty, "client")
        if not calm:
            repair(Ledger(Client(api, "repair")), LATER)
        assert loose_ends(api) == []
        return
    with create_store(tmp_path / "ipam.db") as opened:
        yield opened
        assert check(opened) == []
