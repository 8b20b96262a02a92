"""Every implementation of the Protocols; its own invariants are checked when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model.protocols import Store
from store.create import create_store
from store.repair import check
from tests.objects.api import FakeApi
from tests.objects.repair import loose_ends
from tests.objects.store import ObjectStore


@pytest.fixture(params=["sqlite", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "objects":
        api = FakeApi()
        yield ObjectStore(api, "client")
        assert loose_ends(api) == []
        return
    with create_store(tmp_path / "ipam.db") as opened:
        yield opened
        assert check(opened) == []
