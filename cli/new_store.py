"""The store that a command writes to, and that may not be there yet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.create import create_store
from store.store import Store


@contextmanager
def created(path: str, dry_run: bool) -> Iterator[Store]:
    """The store, created if need be; for a dry run without one, an empty one that does not stay."""
    with tempfile.TemporaryDirectory(prefix="poolweaver-") as folder:
        scratch = dry_run and not Path(path).exists()
        with create_store(Path(folder) / "scratch.db" if scratch else path) as store:
            yield store
