"""A store that lives for one question: manifests in, nothing outside read or changed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ipam.apply import apply
from ipam.settings import change_setting
from store.create import create_store
from store.store import Store


@contextmanager
def scratch_store(
    texts: Sequence[tuple[str, bytes]], settings: Mapping[str, str], now_seconds: int
) -> Iterator[Store]:
    """A store with these settings and the objects of the (file name, content) pairs; then it goes.

    Serves every node. Raises what `change_setting` and `apply` raise.
    """
    with (
        tempfile.TemporaryDirectory(prefix="poolweaver-") as folder,
        create_store(str(Path(folder) / "scratch.db")) as store,
    ):
        store.settings.set("node_binding", "off")
        for key, value in settings.items():
            change_setting(store, key, value, now_seconds)
        apply(store, texts, now_seconds)
        yield store
