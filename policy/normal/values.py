"""What one label, name or annotation may be: absent or not, and one of a set of texts.

    In V           (no,  V)              present, one of V
    NotIn V        (yes, all but V)
    Exists         (no,  all but none)
    DoesNotExist   (yes, V = none)
    anything       (yes, all but none)

A set is finite, or everything but a finite set (`cofinite`); texts count as endless. Globs narrow a
cofinite set further: every text must match all of them. A finite set is filtered by them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from grammar.globs import compile_glob, glob_matches
from model.rules import Check
from policy.normal.answer import NO, UNKNOWN, YES, Answer, answer
from policy.normal.domains import (
    FAMILY,
    NAMESPACE_NAME,
    Place,
    is_possible,
    may_be_absent,
    place_of,
)

_NONE: frozenset[str] = frozenset()
_GLOB_SIGNS = frozenset("*?[\\")
_MOST_SAMPLES = 32
_FRESH = "any"
_glob = lru_cache(maxsize=4096)(compile_glob)


@dataclass(frozen=True, slots=True)
class Values:
    """A set of values; `absent` says whether having none is in it.

    Invariant: `globs` is empty unless `cofinite`. Two equal sets without globs are equal values.
    """

    absent: bool
    cofinite: bool
    texts: frozenset[str]
    globs: frozenset[str] = _NONE

    def meet(self, other: Values) -> Values:
        """What is in both."""
        absent = self.absent and other.absent
        if self.cofinite and other.cofinite:
            return Values(absent, True, self.texts | other.texts, self.globs | other.globs)
        finite, rest = (other, self) if self.cofinite else (self, other)
        return Values(absent, False, frozenset(t for t in finite.texts if rest.has(t)))

    def minus(self, other: Values) -> Values:
        """What is here and not there; `other` has no globs."""
        absent = self.absent and not other.absent
        if self.cofinite and other.cofinite:
            return Values(absent, False, frozenset(t for t in other.texts if self.has(t)))
        if self.cofinite:
            return Values(absent, True, self.texts | other.texts, self.globs)
        return Values(absent, False, frozenset(t for t in self.texts if not other.has(t)))

    def has(self, text: str | None) -> bool:
        """Whether the text, or None for absent, is in the set."""
        if text is None:
            return self.absent
        if not self.cofinite:
            return text in self.texts
        return text not in self.texts and all(_matches(glob, text) for glob in self.globs)

    def samples(self, place: Place) -> Iterator[str]:
        """Some texts of the set, sorted or invented; at least one unless it is empty or globbed."""
        if not self.cofinite:
            yield from sorted(self.texts)
        elif self.globs:
            yield from (t for t in _imagined(self.globs) if self.has(t) and is_possible(place, t))
        else:
            yield from _fresh(place, self.texts)

    def some(self, place: Place) -> str | None:
        """The first of the samples, or None."""
        return next(self.samples(place), None)

    def inhabited(self, place: Place) -> Answer:
        """Whether anything, absence included, is in the set."""
        if self.absent or (self.cofinite and not self.globs):
            return YES
        if not self.cofinite:
            return answer(bool(self.texts))
        if _clash(self.globs):
            return NO
        return YES if self.some(place) is not None else UNKNOWN

    def inside(self, other: Values, place: Place) -> Answer:
        """Whether everything here is there too."""
        if self.absent and not other.absent:
            return NO
        if not self.cofinite:
            return answer(all(other.has(text) for text in self.texts))
        if any(self.has(text) for text in other.texts) if other.cofinite else False:
            return NO
        if other.cofinite and other.globs <= self.globs:
            return YES
        if not self.globs and not other.cofinite:
            return NO
        return NO if any(not other.has(text) for text in self._trials(place)) else UNKNOWN

    def _trials(self, place: Place) -> Iterator[str]:
        """Texts of the set that may well be outside of another one."""
        for count, text in enumerate(self.samples(place)):
            if count == _MOST_SAMPLES:
                return
            yield text


ANYTHING = Values(True, True, _NONE)
PRESENT = Values(False, True, _NONE)
FAMILIES = Values(False, False, frozenset(("4", "6")))


def anything(place: Place) -> Values:
    """The set that forbids nothing there."""
    if place == FAMILY:
        return FAMILIES
    return ANYTHING if may_be_absent(place) else PRESENT


def values_of(check: Check) -> Values:
    """What the check lets through. Values that cannot occur at all are left out."""
    origin, _, _, operator, texts = check
    place = place_of(check)
    absent = may_be_absent(place)
    if operator in ("=", "in"):
        return Values(False, False, _possible(origin, place, texts))
    if operator == "not in":
        return Values(absent, True, _possible(origin, place, texts))
    if operator == "exists":
        return PRESENT
    if operator == "absent":
        return Values(absent, False, _NONE)
    return _of_glob(place, texts[0])


def _possible(origin: str, place: Place, texts: tuple[str, ...]) -> frozenset[str]:
    """Lists of manifests were validated; what stands in an annotation was not."""
    if origin != "annotation" and place != NAMESPACE_NAME and "" not in texts:
        return frozenset(texts)
    return frozenset(text for text in texts if is_possible(place, text))


def _of_glob(place: Place, pattern: str) -> Values:
    if not _GLOB_SIGNS & set(pattern):
        return Values(False, False, _possible("annotation", place, (pattern,)))
    if pattern == "*" and place[0] not in ("nic.network", "pod.annotation"):
        return PRESENT  # a `*` matches whatever has no slash, and these never have one
    return Values(False, True, _NONE, frozenset((pattern,)))


def _matches(pattern: str, text: str) -> bool:
    return glob_matches(_glob(pattern), text)


def _clash(globs: frozenset[str]) -> bool:
    """Whether two of them begin, or end, with texts that no text begins, or ends, with at once."""
    if len(globs) == 1:
        return False
    starts, ends = zip(*(_fixed_ends(glob) for glob in globs), strict=True)
    return _differ(starts) or _differ(ends)


def _differ(texts: tuple[str, ...]) -> bool:
    """Whether one text is no beginning of another."""
    ordered = sorted(texts)
    return any(not b.startswith(a) for a, b in pairwise(ordered))


@lru_cache(maxsize=4096)
def _fixed_ends(pattern: str) -> tuple[str, str]:
    """(what every match begins with, what it ends with, read backwards)."""
    letters = [str(element[1]) if element[0] == "=" else "" for element in _glob(pattern)]
    return _until_empty(letters), _until_empty(letters[::-1])


def _until_empty(letters: list[str]) -> str:
    end = letters.index("") if "" in letters else len(letters)
    return "".join(letters[:end])


def _fresh(place: Place, taken: frozenset[str]) -> Iterator[str]:
    """Texts that nobody wrote, fit for the place, in an order that is always the same."""
    number = 1
    while True:
        text = _FRESH if number == 1 else f"{_FRESH}-{number}"
        if place[0] == "nic.network":
            text = f"{_FRESH}/{text}"
        elif place[0] == "nic.name":
            text = "eth0" if number == 1 else f"net{number - 1}"
        if text not in taken:
            yield text
        number += 1


def _imagined(globs: frozenset[str]) -> Iterator[str]:
    """Texts that the globs may match: each with its signs filled in, in a few ways."""
    for pattern in sorted(globs):
        for filling in ("", "a", "0", _FRESH, "a-a", "x1", "zz-9"):
            yield "".join(_filled(element, filling) for element in _glob(pattern))


def _filled(element: tuple[object, ...], filling: str) -> str:
    if element[0] == "*":
        return filling
    if element[0] == "=":
        return str(element[1])
    if element[0] == "?":
        return filling[:1] or "q"
    _, negated, ranges = element
    assert isinstance(ranges, tuple)
    candidates = "abcxyz019-" if negated else "".join(low + high for low, high in ranges)
    for letter in candidates:
        if any(low <= letter <= high for low, high in ranges) is not negated:
            return letter
    return ""
