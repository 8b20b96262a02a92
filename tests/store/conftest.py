"""A store in a folder of its own, whose invariants are checked when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.create import create_store
from store.repair import check
from store.store import Store


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "ipam.db")


@pytest.fixture
def store(path: str) -> Iterator[Store]:
    with create_store(path) as opened:
        yield opened
        assert check(opened) == []
