"""Times as people write and read them: RFC 3339, a day, or how long ago. UTC unless they say."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from model.errors import ConfigurationError

DAY_SECONDS = 24 * 3600
_LAST = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that RFC 3339 can write
_UNITS = {"d": DAY_SECONDS, "h": 3600, "m": 60, "s": 1}
_AGO = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_HINT = (
    "write `2026-11-17T10:00:00Z` (or another offset, such as `+02:00`), a day such as "
    "`2026-11-17`, or how long ago, such as `2h` or `3d`"
)


def time_text(seconds: int) -> str:
    """`2026-11-17T10:00:00Z`; for what lies beyond the year 9999, its last second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(seconds, _LAST)))


def parse_window(text: str, option: str, now_seconds: int) -> tuple[int, int]:
    """(first second, first second after it) of the moment, or the whole day, that `text` names.

    `ConfigurationError` for any other text, and for what lies in the future of `now_seconds`.
    A day that is not over ends with the present second.
    """
    start, end = _window(text, option, now_seconds)
    if start > now_seconds:
        raise ConfigurationError(
            f"`{text}` of {option} lies in the future",
            f"it is {time_text(now_seconds)} now",
            code="invalid-argument",
        )
    return start, min(end, now_seconds + 1)


def _window(text: str, option: str, now_seconds: int) -> tuple[int, int]:
    ago = _AGO.fullmatch(text)
    if ago and text:
        counts = zip(ago.groups(), _UNITS.values(), strict=True)
        start = max(0, now_seconds - sum(int(count or 0) * unit for count, unit in counts))
        return start, start + 1
    try:
        if _DAY.fullmatch(text):
            start = _seconds(text)
            return start, start + DAY_SECONDS
        if _MOMENT.fullmatch(text):
            start = _seconds(text.upper())
            return start, start + 1
    except (ValueError, OverflowError):  # the 31st of February
        pass
    raise ConfigurationError(f"`{text}` of {option} is no time", _HINT, code="invalid-argument")


def _seconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
