"""What a power loss may leave of files, made from the record that `disk.c` wrote.

    record   w db   w wal   w wal   sync wal   w answers   w wal   ✂   ...
                                    └─ from here on it is safe     └─ may be lost, or half of it

What was synchronized is on the disk. What was written since may be there or not, sector by sector
and in any order; the last sector may be torn in two. Files made and removed since their folder was
synchronized may be there or not, in the order in which that happened.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

SECTOR = 512


class Entry:
    """One call: `kind` as in `disk.c`, the name of the file (empty: the folder), offset, data."""

    __slots__ = ("data", "kind", "name", "offset")

    def __init__(self, kind: str, name: str, offset: int, data: bytes) -> None:
        self.kind = kind
        self.name = name
        self.offset = offset
        self.data = data


def entries(record: Path, folder: Path) -> Iterator[Entry]:
    """The record, call by call. Calls on files that have no name any more are left out."""
    data, place = record.read_bytes(), 0
    while place < len(data):
        kind, path_length, offset, length = struct.unpack_from("=cHqq", data, place)
        place += 19
        path = data[place : place + path_length].decode()
        place += path_length
        content = b""
        if kind == b"w":
            content = data[place : place + length]
            place += length
        if not path.endswith(" (deleted)"):
            name = path.removeprefix(str(folder)).removeprefix("/")
            yield Entry(kind.decode(), name, offset, content)


class File:
    """One file: what is on the disk, and what was done to it since it was synchronized."""

    def __init__(self, content: bytes = b"") -> None:
        self.durable = bytearray(content)
        self.pending: list[Entry] = []

    def synchronize(self) -> None:
        """All of it is on the disk now."""
        for entry in self.pending:
            apply(self.durable, entry)
        self.pending.clear()

    def whole(self) -> bytes:
        """With everything that was written."""
        content = bytearray(self.durable)
        for entry in self.pending:
            apply(content, entry)
        return bytes(content)

    def torn(self, chance: random.Random) -> bytes:
        """With some of the sectors that were written since, in any order, one perhaps in two."""
        content, share = bytearray(self.durable), chance.choice((0.1, 0.5, 0.9))
        pieces = [piece for entry in self.pending for piece in sectors(entry)]
        kept = [piece for piece in pieces if chance.random() < share]
        if chance.random() < 0.3:
            chance.shuffle(kept)
        if kept and kept[-1].data and chance.random() < 0.5:
            last = kept[-1]
            last.data = last.data[: chance.randrange(len(last.data))]
        for piece in kept:
            apply(content, piece)
        longest = len(self.whole())
        if longest > len(content) and chance.random() < 0.3:  # the length came, the data did not
            content.extend(bytes(longest - len(content)))
        return bytes(content)


def apply(content: bytearray, entry: Entry) -> None:
    """One write or truncation."""
    if entry.kind == "t":
        del content[entry.offset :]
        content.extend(bytes(entry.offset - len(content)))
        return
    end = entry.offset + len(entry.data)
    content.extend(bytes(max(0, end - len(content))))
    content[entry.offset : end] = entry.data


def sectors(entry: Entry) -> Iterator[Entry]:
    """A write in pieces that a disk writes as one."""
    if entry.kind != "w":
        yield entry
        return
    start, end = entry.offset, entry.offset + len(entry.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        data = entry.data[start - entry.offset : stop - entry.offset]
        yield Entry("w", entry.name, start, data)
        start = stop


class Folder:
    """The files of a folder, by name, now and on the disk."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.now = {name: File(content) for name, content in contents.items()}
        self.durable = dict(self.now)
        self.pending: list[tuple[str, File | None]] = []

    def play(self, entry: Entry) -> None:
        """What one call did."""
        if entry.kind == "s":
            self._synchronize(entry.name)
        elif entry.kind == "c":
            self.now[entry.name] = File()
            self.pending.append((entry.name, self.now[entry.name]))
        elif entry.kind == "u":
            del self.now[entry.name]
            self.pending.append((entry.name, None))
        else:
            self.now[entry.name].pending.append(entry)

    def _synchronize(self, name: str) -> None:
        if name:
            self.now[name].synchronize()
        else:
            self._settle(self.durable, len(self.pending))
            self.pending.clear()

    def _settle(self, names: dict[str, File], count: int) -> None:
        for name, file in self.pending[:count]:
            if file is None:
                names.pop(name, None)
            else:
                names[name] = file

    def synced(self) -> dict[str, bytes]:
        """What is left where nothing was written but what was synchronized."""
        return {name: bytes(file.durable) for name, file in self.durable.items()}

    def whole(self) -> dict[str, bytes]:
        """What is left where everything was written in time."""
        return {name: file.whole() for name, file in self.now.items()}

    def torn(self, chance: random.Random) -> dict[str, bytes]:
        """What is left where the disk was in the middle of it."""
        names = dict(self.durable)
        self._settle(names, chance.randint(0, len(self.pending)))
        return {name: file.torn(chance) for name, file in names.items()}
