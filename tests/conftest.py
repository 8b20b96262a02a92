"""What all tests share: `POOLWEAVER_NO_SKIPS` makes a skipped test a failed run."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# No test measures time: a loaded machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SKIPPED: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        SKIPPED.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("POOLWEAVER_NO_SKIPS") and SKIPPED and session.exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("POOLWEAVER_NO_SKIPS") and SKIPPED:
        terminalreporter.section("skipped, which POOLWEAVER_NO_SKIPS forbids", red=True)
        for nodeid in SKIPPED:
            terminalreporter.line(nodeid)
