"""The library between a program and the disk, built once, and a place for files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.faults.disk import COMPILER, build

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None:
        pytest.skip("there is no C compiler (`cc`) to build tests/store/faults/disk.c with")
    return build(tmp_path_factory.mktemp("library"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder, in memory where there is such a place: files are copied a thousand times."""
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory, prefix="poolweaver-") as name:
        yield Path(name)
