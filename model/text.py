"""Text that can be written anywhere: JSON may carry halves of surrogate pairs, and NULs."""

from __future__ import annotations


def is_writable(value: object) -> bool:
    """Whether every text in a JSON value is Unicode without NUL, however deep the value nests."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            if "\0" in one or any("\ud800" <= c <= "\udfff" for c in one):
                return False
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
    return True
