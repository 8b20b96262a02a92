"""One box among thousands: which of them overlap it, which contain it.

Each place has numbers whose bits are boxes: those that ask nothing there, those that let it be
absent, those that have a text, those that exclude one. A question is a few operations on such
numbers a place, not one comparison a box. Boxes with globs are candidates first, and are then
compared one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from policy.normal.answer import NO, UNKNOWN, YES, Answer
from policy.normal.box import Box, implies, overlaps, satisfiable
from policy.normal.domains import Place
from policy.normal.values import Values

_Postings = dict[str, "list[int] | int"]
_Test = Callable[[Box, Box], Answer]
_LONG = 64  # postings longer than this are kept as a number, shorter ones as a list
MOST_COMPARED = 32  # boxes that one question compares one by one
RUN_COMPARED = 10_000  # and that all questions together do


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Among:
    """Boxes by their place in a sequence. A set of them is a number whose bits are places.

    Boxes that hold no Pod overlap nothing and contain nothing. Answers have what is proved; boxes
    about which nothing is known are left out, and so are those with globs beyond `MOST_COMPARED` a
    question and `RUN_COMPARED` for all questions.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.boxes = boxes
        self._all = _mask(i for i, box in enumerate(boxes) if satisfiable(box) is not NO)
        self._globbed = _mask(i for i in bits(self._all) if _is_unsure(boxes[i]))
        self._places: dict[Place, _AtPlace] = {}
        for index in bits(self._all):
            for place, values in boxes[index].values.items():
                self._places.setdefault(place, _AtPlace(self._all)).add(index, values)
        for at_place in self._places.values():
            at_place.finish()
        self._left_to_compare = RUN_COMPARED
        self._filed = _file_by_places(boxes, self._all)

    def overlapping(self, box: Box, within: int = -1) -> int:
        """Those of `within` that share a Pod with the box, itself included if it is among them."""
        found = 0 if satisfiable(box) is NO else self._all & within
        for place, values in box.values.items():
            at_place = self._places.get(place)
            if at_place is not None:
                found &= at_place.free | at_place.meeting(values)
            if not found:
                return 0
        return self._proved(box, found, overlaps)

    def containing(self, box: Box, within: int = -1) -> int:
        """Those of `within` that hold every Pod of the box, which holds some."""
        found = self._asking_only(box) & within
        for place, values in box.values.items():
            at_place = self._places.get(place)
            if at_place is not None and found:
                found &= at_place.free | at_place.holding(values)
        return self._proved(box, found, implies)

    def _asking_only(self, box: Box) -> int:
        """Boxes that ask nothing of places of which this one asks nothing."""
        asked = frozenset(box.values)
        found = self._filed.get(None, {}).get(frozenset(), 0)
        for place in asked:
            for places, mask in self._filed.get(place, {}).items():
                if places <= asked:
                    found |= mask
        return found

    def _proved(self, box: Box, found: int, test: _Test) -> int:
        unsure = found if _is_unsure(box) else found & self._globbed
        proved = found & ~unsure
        for index in islice(bits(unsure), min(MOST_COMPARED, self._left_to_compare)):
            self._left_to_compare -= 1
            if test(box, self.boxes[index]) is YES:
                proved |= 1 << index
        return proved


class _AtPlace:
    """What the boxes ask of one place."""

    free: int
    absent: int
    cofinite: int
    finite: int
    unlimited: int

    def __init__(self, everything: int) -> None:
        self._everything = everything
        self._values: dict[int, Values] = {}
        self._absent: list[int] = []
        self._cofinite: list[int] = []
        self._unlimited: list[int] = []
        self._finite: list[int] = []
        self._with: _Postings = {}
        self._excluding: _Postings = {}

    def add(self, index: int, values: Values) -> None:
        """Take in what the box of that index asks."""
        self._values[index] = values
        if values.absent:
            self._absent.append(index)
        if values.cofinite:
            self._cofinite.append(index)
            if not values.texts:
                self._unlimited.append(index)
        elif values.texts:
            self._finite.append(index)
        postings = self._excluding if values.cofinite else self._with
        for text in values.texts:
            posting = postings.setdefault(text, [])
            assert isinstance(posting, list)
            posting.append(index)

    def finish(self) -> None:
        """Turn what is long into numbers."""
        self.free = self._everything & ~_mask(self._values)
        self.absent = _mask(self._absent)
        self.cofinite = _mask(self._cofinite)
        self.finite = _mask(self._finite)
        self.unlimited = _mask(self._unlimited)
        for postings in (self._with, self._excluding):
            for text, posting in postings.items():
                if isinstance(posting, list) and len(posting) > _LONG:
                    postings[text] = _mask(posting)

    def having(self, text: str) -> int:
        """Boxes that let the text through, globs aside."""
        return _number(self._with.get(text, 0)) | (
            self.cofinite & ~_number(self._excluding.get(text, 0))
        )

    def meeting(self, values: Values) -> int:
        """Boxes that share a value with these, globs of theirs aside."""
        found = self.absent if values.absent else 0
        if not values.cofinite:
            for text in values.texts:
                found |= self.having(text)
        elif values.globs:
            found |= self.cofinite
            for text, posting in self._with.items():
                if values.has(text):
                    found |= _number(posting)
        else:
            found |= self.cofinite | self._beyond(values.texts)
        return found

    def holding(self, values: Values) -> int:
        """Boxes whose values have all of these, globs aside."""
        found = self.absent if values.absent else self._everything & ~self.free
        if not values.cofinite:
            for text in values.texts:
                found &= self.having(text)
            return found
        if values.globs:
            return found & self.cofinite
        within = self._some(self._excluding, values.texts)
        return found & (self.unlimited | self._inside(within, values.texts))

    def _beyond(self, excluded: frozenset[str]) -> int:
        """Boxes with a finite set that has more than the excluded texts."""
        return self.finite & ~self._inside(self._some(self._with, excluded), excluded)

    def _some(self, postings: _Postings, texts: Iterable[str]) -> int:
        found = 0
        for text in texts:
            found |= _number(postings.get(text, 0))
        return found

    def _inside(self, candidates: int, texts: frozenset[str]) -> int:
        """Those of the candidates whose own texts are all among these."""
        return _mask(i for i in bits(candidates) if self._values[i].texts <= texts)


def _is_unsure(box: Box) -> bool:
    """Whether masks alone do not tell about the box: globs, or a network and its annotation."""
    return box.has_globs or satisfiable(box) is UNKNOWN


def _number(posting: list[int] | int) -> int:
    if isinstance(posting, int):
        return posting
    found = 0
    for index in posting:
        found |= 1 << index
    return found


def _mask(indices: Iterable[int]) -> int:
    """The number with these bits set, in time linear in the indices and in the highest of them."""
    data = bytearray()
    for index in indices:
        byte = index >> 3
        if byte >= len(data):
            data.extend(bytes(byte + 1 - len(data)))
        data[byte] |= 1 << (index & 7)
    return int.from_bytes(data, "little")


def _file_by_places(
    boxes: Sequence[Box], everything: int
) -> dict[Place | None, dict[frozenset[Place], int]]:
    """Sets of places that boxes ask of, each with its boxes, under the rarest of its places."""
    groups: dict[frozenset[Place], list[int]] = {}
    for index in bits(everything):
        groups.setdefault(frozenset(boxes[index].values), []).append(index)
    counts: dict[Place, int] = {}
    for places in groups:
        for place in places:
            counts[place] = counts.get(place, 0) + 1
    filed: dict[Place | None, dict[frozenset[Place], int]] = {}
    for places, indices in groups.items():
        rarest = min(places, key=lambda place: (counts[place], place), default=None)
        filed.setdefault(rarest, {})[places] = _mask(indices)
    return filed
