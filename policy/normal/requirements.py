"""Which requirements of a conjunction contradict, and which say nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from model.rules import Check
from policy.normal.answer import NO, YES
from policy.normal.box import box_of, satisfiable
from policy.normal.domains import Place, place_of
from policy.normal.values import Values, anything, values_of


def contradictions(checks: Sequence[Check]) -> Iterator[tuple[int, ...]]:
    """Places in `checks` of those that together no Pod meets, one group a label or name.

    A group is minimal but for its order: two where two suffice, one that nothing can meet alone.
    """
    for places in _by_place(checks).values():
        group = _contradiction(checks, places)
        if group:
            yield group


def _contradiction(checks: Sequence[Check], places: list[int]) -> tuple[int, ...]:
    place = place_of(checks[places[0]])
    met: Values = anything(place)
    for count, index in enumerate(places):
        met = met.meet(values_of(checks[index]))
        if met.inhabited(place) is NO:
            return _minimal(checks, places[: count + 1], place)
    return ()


def _minimal(checks: Sequence[Check], places: list[int], place: Place) -> tuple[int, ...]:
    """What is left of the places when every one that is not needed is dropped, in one pass.

    The last is needed. Meets from the right are kept, so the pass is linear.
    """
    last = places[-1]
    kept = [last]
    after = values_of(checks[last])
    before = [anything(place)]
    for index in places[:-1]:
        before.append(before[-1].meet(values_of(checks[index])))
    for count in range(len(places) - 2, -1, -1):
        if before[count].meet(after).inhabited(place) is not NO:
            kept.append(places[count])
            after = after.meet(values_of(checks[places[count]]))
    return tuple(sorted(kept))


def redundant(checks: Sequence[Check]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(place of a check that changes nothing, places of those that imply it), the last ones first.

    Dropping all of them at once changes nothing either. None for checks that no Pod meets.
    """
    if satisfiable(box_of(checks)) is NO:
        return
    for places in _by_place(checks).values():
        yield from _redundant_here(checks, places)


def _redundant_here(
    checks: Sequence[Check], places: list[int]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    if len(places) == 1 and values_of(checks[places[0]]) != anything(place_of(checks[places[0]])):
        return
    place = place_of(checks[places[0]])
    left = list(places)
    found = []
    before = [anything(place)]
    for index in places:
        before.append(before[-1].meet(values_of(checks[index])))
    after = anything(place)
    for count in range(len(places) - 1, -1, -1):
        mine = values_of(checks[places[count]])
        others = before[count].meet(after)
        if others.inside(mine, place) is YES:
            left.remove(places[count])
            found.append(places[count])
        else:
            after = after.meet(mine)
    yield from ((index, tuple(left)) for index in found)


def _by_place(checks: Sequence[Check]) -> dict[Place, list[int]]:
    found: dict[Place, list[int]] = {}
    for index, check in enumerate(checks):
        found.setdefault(place_of(check), []).append(index)
    return found
