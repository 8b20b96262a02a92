"""Three answers: yes, no, and unknown, which is never taken for one of the others."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Answer(Enum):
    """What is known of a question. It has no truth value: compare it with `is`."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("an answer may be unknown; compare it with `is`")

    def __invert__(self) -> Answer:
        return _OPPOSITE[self]


YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
_OPPOSITE = {YES: NO, NO: YES, UNKNOWN: UNKNOWN}


def answer(truth: bool) -> Answer:
    """`YES` or `NO`."""
    return YES if truth else NO


def every(answers: Iterable[Answer]) -> Answer:
    """`NO` if one is, else `UNKNOWN` if one is, else `YES`. Stops at the first `NO`."""
    verdict = YES
    for one in answers:
        if one is NO:
            return NO
        if one is UNKNOWN:
            verdict = UNKNOWN
    return verdict
