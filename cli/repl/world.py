"""What a session decides over: a store, or a scratch store of manifests or an export."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.inputs import SUFFIXES, read_inputs
from ipam.import_jsonl import import_jsonl
from ipam.scratch import scratch_store
from ipam.simulate import plan_pods
from model.errors import ConfigurationError
from store.read_only import open_to_read

if TYPE_CHECKING:
    from store.store import Store

_SQLITE = b"SQLite format 3\0"
_EXPORT = ".jsonl"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a world comes from: the paths, or the store at `db` where there are none.

    `settings` are (key, value) pairs for manifests, as of `config set`.
    """

    db: str
    paths: tuple[str, ...] = ()
    recursive: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The source in words."""
        return f"files {' '.join(self.paths)}" if self.paths else f"store {self.db}"


class World:
    """An open store that nobody here writes to, and what is needed to see whether it changed.

    Invariant: `store` refuses to be written to, whoever tries.
    """

    def __init__(self, source: Source, now_seconds: int) -> None:
        """Opens it; raises what reading manifests or opening a store raises, and leaves nothing."""
        self.source = source
        self._stack = ExitStack()
        with ExitStack() as stack:
            self.store = self._open(stack, now_seconds)
            self.store.database.run("PRAGMA query_only = ON")
            self._stamp = self.stamp()
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Closes the store, and removes a scratch one. Closing twice is a no-op."""
        self._stack.close()

    @property
    def is_files(self) -> bool:
        """Whether it was read from files, and has to be read again to see changes."""
        return bool(self.source.paths) and not _is_store(self.source.paths)

    @property
    def changed(self) -> bool:
        """Whether what it was opened on is another by now."""
        return self.stamp() != self._stamp

    def stamp(self) -> object:
        """Something that differs when the source does: times and sizes, or the store's version."""
        if self.is_files:
            return tuple(_stamp(name) for name in _files(self.source))
        return self.store.database.row("PRAGMA data_version")

    def see(self) -> None:
        """Take what is there now as seen: `changed` is false until the next change."""
        self._stamp = self.stamp()

    def pods(self) -> list[tuple[str, str]]:
        """(namespace, name) of every Pod it knows."""
        return [(one.namespace, one.name) for one in self.store.objects.list("Pod")]

    def pool_names(self) -> list[str]:
        """The names of all pools, IPv4 first, in natural order."""
        return [name for family in (4, 6) for name in self.store.pools.names(family)]

    def _open(self, stack: ExitStack, now_seconds: int) -> Store:
        source = self.source
        if not source.paths:
            return stack.enter_context(open_to_read(source.db))
        if _is_store(source.paths):
            return stack.enter_context(open_to_read(source.paths[0]))
        exports = [path for path in source.paths if path.endswith(_EXPORT)]
        manifests = [path for path in source.paths if path not in exports]
        texts = read_inputs(manifests, source.recursive)
        store = stack.enter_context(scratch_store(texts, dict(source.settings), now_seconds))
        for name, data in _exports(exports):
            import_jsonl(store, name, data, now_seconds)
        plan_pods(store, now_seconds)
        return store


def _is_store(paths: Sequence[str]) -> bool:
    """Whether the paths are one SQLite file, such as a backup."""
    if len(paths) != 1 or not Path(paths[0]).is_file():
        return False
    try:
        with Path(paths[0]).open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _exports(paths: Sequence[str]) -> list[tuple[str, bytes]]:
    if len(paths) > 1:
        raise ConfigurationError(
            "a session opens one export at most", "name one of them", code="invalid-argument"
        )
    return read_inputs(paths)


def _files(source: Source) -> list[Path]:
    found: list[Path] = []
    for name in source.paths:
        path = Path(name)
        pattern = "**/*" if source.recursive else "*"
        if path.is_dir():
            found += sorted(p for p in path.glob(pattern) if p.suffix in SUFFIXES)
        else:
            found.append(path)
    return found


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        seen = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), seen.st_mtime_ns, seen.st_size
