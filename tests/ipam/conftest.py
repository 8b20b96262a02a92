"""A store of its own for a test, whole when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.create import create_store
from store.repair import check
from store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with create_store(tmp_path / "ipam.db") as opened:
        yield opened
        assert check(opened) == []
