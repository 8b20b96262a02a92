"""Times as people write them."""

from __future__ import annotations

import pytest

from cli.time_text import parse_window, time_text
from model.errors import ConfigurationError

NOW = 1_795_000_000  # 2026-11-18T11:06:40Z
GOOD = {
    "0s": ("2026-11-18T11:06:40Z", 1),
    "90s": ("2026-11-18T11:05:10Z", 1),
    "2h": ("2026-11-18T09:06:40Z", 1),
    "3d": ("2026-11-15T11:06:40Z", 1),
    "1d12h30m5s": ("2026-11-16T22:36:35Z", 1),
    "999999999d": ("1970-01-01T00:00:00Z", 1),
    "2026-11-17": ("2026-11-17T00:00:00Z", 86400),
    "2026-11-18": ("2026-11-18T00:00:00Z", 40001),
    "2026-11-17T10:00:00Z": ("2026-11-17T10:00:00Z", 1),
    "2026-11-17t10:00:00.25z": ("2026-11-17T10:00:00Z", 1),
    "2026-11-17 10:00": ("2026-11-17T10:00:00Z", 1),
    "2026-11-17T10:00+02:00": ("2026-11-17T08:00:00Z", 1),
    "2026-11-17T23:30:00-01:00": ("2026-11-18T00:30:00Z", 1),
}


@pytest.mark.parametrize("text", GOOD)
def test_a_time_is_read_as_the_seconds_that_it_names(text: str) -> None:
    start, end = parse_window(text, "--at", NOW)
    assert (time_text(start), end - start) == GOOD[text]


def test_a_time_beyond_every_calendar_is_the_last_of_it() -> None:
    assert time_text(253_402_300_799) == "9999-12-31T23:59:59Z"
    assert time_text(2**63 - 1) == "9999-12-31T23:59:59Z"


BAD = [
    "",
    "now",
    "3",
    "-2h",
    "2 h",
    "2h3d",
    "1.5h",
    "３h",
    "2026-11",
    "20261117",
    "2026-W47-2",
    "2026-02-30",
    "2026-11-17T10",
    "2026-11-17T25:00",
    "2026-11-17T10:00:60Z",
]


@pytest.mark.parametrize("text", BAD)
def test_any_other_text_is_no_time(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_window(text, "--at", NOW)
    error = caught.value
    assert (error.code, error.message, error.span) == (
        "invalid-argument",
        f"`{text}` of --at is no time",
        None,
    )
    assert "or how long ago, such as `2h` or `3d`" in error.hint


@pytest.mark.parametrize("text", ["2026-11-19", "2026-11-18T11:06:41Z"])
def test_the_future_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_window(text, "--since", NOW)
    error = caught.value
    assert (error.code, error.message, error.hint) == (
        "invalid-argument",
        f"`{text}` of --since lies in the future",
        "it is 2026-11-18T11:06:40Z now",
    )
