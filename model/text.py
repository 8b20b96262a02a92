"""Text that can be written anywhere: JSON may carry halves of surrogate pairs, and NULs."""

from __future__ import annotations


def is_writable(value: object) -> bool:
    """Whether every text in a JSON value is Unicode without NUL. Recurses as the value does."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, dict):
        return all(is_writable(key) and is_writable(entry) for key, entry in value.items())
    return not isinstance(value, list) or all(is_writable(entry) for entry in value)
