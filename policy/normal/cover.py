"""Is a box inside a union of boxes? Answered by cutting away, within a budget.

    left = [box]
    for each other: each piece of `left` that it overlaps is cut into what lies outside of it

The question is coNP-hard in the number of places, so the pieces may become many. The budget bounds
them; beyond it the answer is `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable

from policy.normal.answer import NO, UNKNOWN, YES, Answer
from policy.normal.box import Box, overlaps, pieces_outside, satisfiable

BUDGET = 2000


def covered(box: Box, others: Iterable[Box], budget: int = BUDGET) -> tuple[Answer, Box | None]:
    """Whether every Pod of `box` is in one of the others, and if not, a piece in none of them.

    `budget` bounds the pieces that are looked at. Another box with globs is not cut away, so that
    it cannot lead to a wrong yes; where it may hold what is left, the answer is `unknown`.
    """
    if satisfiable(box) is NO:
        return YES, None
    left = [box]
    uncut: list[Box] = []
    looked = 0
    for other in others:
        looked += len(left)
        if looked > budget:
            return UNKNOWN, None
        if other.has_globs:
            uncut.append(other)
        else:
            left = [piece for one in left for piece in _outside(one, other)]
        if not left:
            return YES, None
    sure = (piece for piece in left if _stands_alone(piece, uncut))
    piece = next(sure, None)
    return (UNKNOWN, None) if piece is None else (NO, piece)


def _outside(piece: Box, other: Box) -> Iterable[Box]:
    return (piece,) if overlaps(piece, other) is NO else pieces_outside(piece, other)


def _stands_alone(piece: Box, uncut: Iterable[Box]) -> bool:
    """Whether the piece surely holds a Pod that none of the uncut boxes holds."""
    return satisfiable(piece) is YES and all(overlaps(piece, other) is NO for other in uncut)
