"""Postings: which pools are filed under which anchor. A short one is a list, a long one has blocks.

subject -> key -> value -> [entry, entry, ...] or `Dense`, in rank order
"""

from __future__ import annotations

from bisect import bisect_left

from policy.anchors import ALWAYS, EXISTS
from policy.blocks import BLOCK, Dense

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policy.anchors import Anchor
    from policy.blocks import Entry
    from policy.standing import Known

    Posting = list[Entry] | Dense

SHORT = 8


class Postings:
    """Entries by anchor. Invariant: every posting is in rank order, and none is empty."""

    __slots__ = ("_block", "_short", "_subjects")

    def __init__(self, short: int = SHORT, block: int = BLOCK) -> None:
        self._short = short
        self._block = block
        self._subjects: dict[str, dict[str, dict[str, Posting]]] = {}

    def count(self, anchor: Anchor) -> int:
        """How many entries are filed under the anchor."""
        subject, key, value = anchor
        found = self._subjects.get(subject, {}).get(key, {}).get(value)
        return 0 if found is None else len(found)

    def add(self, entry: Entry, anchors: Sequence[Anchor]) -> None:
        """File an entry under each of the anchors; its sort key must not be there yet."""
        for subject, key, value in anchors:
            by_value = self._subjects.setdefault(subject, {}).setdefault(key, {})
            posting = by_value.get(value)
            if posting is None:
                by_value[value] = [entry]
            elif isinstance(posting, Dense):
                posting.add(entry)
            else:
                posting.insert(bisect_left(posting, entry[:1]), entry)
                if len(posting) > self._short:
                    by_value[value] = Dense(posting, self._block)

    def remove(self, key: bytes, anchors: Sequence[Anchor]) -> None:
        """Remove what was filed under each of the anchors with this sort key."""
        for anchor in anchors:
            by_key = self._subjects[anchor[0]]
            by_value = by_key[anchor[1]]
            posting = by_value[anchor[2]]
            if isinstance(posting, Dense):
                posting.remove(key)
            else:
                del posting[bisect_left(posting, (key,))]
            if not posting:
                del by_value[anchor[2]]
            if not by_value:
                del by_key[anchor[1]]
            if not by_key:
                del self._subjects[anchor[0]]

    def probe(self, known: Known, found: list[Posting]) -> list[str]:
        """Append the postings whose anchors the facts satisfy; give back the unknown subjects."""
        unknown = []
        for subject, by_key in self._subjects.items():
            if not subject:
                found.append(by_key[ALWAYS[1]][ALWAYS[2]])
                continue
            exists = subject.startswith(EXISTS)
            values = known[subject.removeprefix(EXISTS)]
            if values is None:
                unknown.append(subject)
                continue
            known.checks_done += 1
            for key in values.keys() & by_key.keys():
                known.checks_done += 1
                posting = by_key[key].get("" if exists else values[key])
                if posting is not None:
                    found.append(posting)
        return unknown

    def all_of(self, subject: str) -> Iterator[Posting]:
        """Every posting of a subject; a pool may be in several of them."""
        for by_value in self._subjects.get(subject, {}).values():
            yield from by_value.values()

    def prepare(self) -> None:
        """Make all bits now, so that no later lookup does."""
        for subject in self._subjects:
            for posting in self.all_of(subject):
                if isinstance(posting, Dense):
                    posting.prepare()
