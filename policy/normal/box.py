"""A box: what every label, name and annotation may be, each on its own.

    pod.label["app"]   (no, {web})
    node.name          (no, {n1, n2})          everything else: anything
    ip.family          (no, {4})

A pool's checks are a conjunction over independent places, so they are exactly one box. Two places
are not independent, the kind and the name of the owner: a Pod has both or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model.rules import Check
from policy.normal.answer import NO, UNKNOWN, YES, Answer, every
from policy.normal.domains import NETWORK, OWNER_KIND, OWNER_NAME, Place, is_tangled, place_of
from policy.normal.values import PRESENT, Values, anything, values_of

_NO_OWNER = Values(True, False, frozenset())


class Box:
    """Places to values; a place that is not there may have any.

    Invariant: no value is `anything(place)`, so boxes without globs are equal just where they hold
    the same Pods (of those that hold any).
    """

    __slots__ = ("_hash", "values")

    def __init__(self, values: dict[Place, Values]) -> None:
        self.values = {p: v for p, v in _closed(values).items() if v != anything(p)}
        self._hash = hash(frozenset(self.values.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Box) and self.values == other.values

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Box({self.values!r})"

    def get(self, place: Place) -> Values:
        """What that place may be."""
        return self.values.get(place) or anything(place)

    def meet(self, other: Box) -> Box:
        """What is in both boxes."""
        small, large = sorted((self, other), key=lambda box: len(box.values))
        values = dict(large.values)
        for place, mine in small.values.items():
            values[place] = mine.meet(values[place]) if place in values else mine
        return Box(values)

    def without(self, *places: Place) -> Box:
        """The box with anything in those places."""
        return Box({p: v for p, v in self.values.items() if p not in places})

    @property
    def has_globs(self) -> bool:
        """Whether some place is narrowed by a glob alone."""
        return any(value.globs for value in self.values.values())


def box_of(checks: Iterable[Check]) -> Box:
    """The normal form of a conjunction of checks. Linear in their size."""
    values: dict[Place, Values] = {}
    for check in checks:
        place = place_of(check)
        mine = values_of(check)
        values[place] = values[place].meet(mine) if place in values else mine
    return Box(values)


def satisfiable(box: Box) -> Answer:
    """Whether some Pod stands in the box."""
    verdict = every(value.inhabited(place) for place, value in box.values.items())
    return UNKNOWN if verdict is YES and _tangled(box.values) else verdict


def implies(narrow: Box, wide: Box) -> Answer:
    """Whether every Pod of `narrow` is in `wide`. So does a box that holds none."""
    inside = every(narrow.get(p).inside(value, p) for p, value in wide.values.items())
    if inside is YES:
        return YES
    possible = satisfiable(narrow)
    if possible is NO:
        return YES
    sure = possible is YES and not _tangled({*narrow.values, *wide.values})
    return inside if sure else UNKNOWN


def equivalent(one: Box, other: Box) -> Answer:
    """Whether both hold the same Pods. Where both hold some and have no globs: `one == other`."""
    return YES if one == other else every((implies(one, other), implies(other, one)))


def overlaps(one: Box, other: Box) -> Answer:
    """Whether some Pod is in both."""
    small, large = sorted((one.values, other.values), key=len)
    for place, value in small.items():
        there = large.get(place)
        if there is not None and value.meet(there).inhabited(place) is NO:
            return NO
    return satisfiable(one.meet(other))


def pieces_outside(box: Box, other: Box) -> Iterator[Box]:
    """Disjoint boxes that together are `box` without `other`, which overlap and has no globs."""
    inside = dict(box.values)
    for place, value in other.values.items():
        mine = inside.get(place) or anything(place)
        rest = mine.minus(value)
        if rest.inhabited(place) is not NO:
            piece = Box({**inside, place: rest})
            if satisfiable(piece) is not NO:
                yield piece
        inside[place] = mine.meet(value)


def _tangled(places: Iterable[Place]) -> bool:
    """Whether a network and an annotation that decides networks are both among the places."""
    places = set(places)
    return NETWORK in places and any(map(is_tangled, places))


def _closed(values: dict[Place, Values]) -> dict[Place, Values]:
    """The same Pods, with what the kind of an owner says of its name, and the other way round."""
    if OWNER_KIND not in values and OWNER_NAME not in values:
        return values
    closed = dict(values)
    for one, other in ((OWNER_KIND, OWNER_NAME), (OWNER_NAME, OWNER_KIND)):
        mine = closed.get(one) or anything(one)
        there = closed.get(other) or anything(other)
        if not mine.absent:
            closed[other] = there.meet(PRESENT)
        elif not mine.cofinite and not mine.texts:
            closed[other] = there.meet(_NO_OWNER)
    return closed
