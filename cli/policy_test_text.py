"""Results of policy tests, for people and as JSON.

FAIL pools.test.yaml: web / on another node
  at pools.test.yaml:12:5
  pool: expected web, got nothing (pools.test.yaml:14:7)
    error[no-matching-pool]: no IPv4 pool for pod default/web, ...
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ipam.policy_tests import Result
from policy.policy_tests.coverage import Coverage, Gap
from policy.policy_tests.judge import Mismatch


def result_text(result: Result) -> str:
    """The result in a line, and where it failed, what was expected, what came out, and why."""
    word = click.style("ok  ", fg="green") if result.passed else click.style("FAIL", fg="red")
    lines = [f"{word} {result.suite.title(result.case)}"]
    if not result.passed:
        lines.append(f"  at {result.case.span}")
    lines += [f"  {_told(mismatch)}" for mismatch in result.mismatches]
    return "\n".join([*lines, *(f"    {reason}" for reason in result.reasons)])


def mismatch_text(mismatch: Mismatch) -> str:
    """What was expected and what came out, without the place."""
    return f"{mismatch.key}: expected {mismatch.expected}; actual {mismatch.actual}"


def _told(mismatch: Mismatch) -> str:
    return f"{mismatch_text(mismatch)}  ({mismatch.span})"


def summary(results: Sequence[Result]) -> str:
    """How many passed and failed, of how many files."""
    failed = sum(not result.passed for result in results)
    files = len({result.suite.file for result in results})
    passed = f"{len(results) - failed} passed"
    said = [passed, *([f"{failed} failed"] if failed else [])]
    return f"{', '.join(said)} ({files} file{'' if files == 1 else 's'})"


def coverage_text(coverage: Coverage) -> str:
    """The counts of what was seen, then each pool and requirement that was not, with its place."""
    chosen, pools = coverage.pools
    both, requirements = coverage.requirements
    seen = f"{both} of {requirements} requirements both true and false"
    lines = [f"coverage: {chosen} of {pools} pools chosen, {seen}"]
    return "\n".join([*lines, *(f"  {_gap(gap)}" for gap in coverage.gaps())])


def _gap(gap: Gap) -> str:
    what = f"{gap.field} {gap.requirement}: " if gap.requirement else ""
    where = f"  ({gap.place})" if gap.place else ""
    return f"{gap.pool}: {what}never {' and never '.join(gap.never)}{where}"


def document(results: Sequence[Result], coverage: Coverage) -> dict[str, Any]:
    """All of it as JSON values; docs/policy-tests.md lists the fields."""
    failed = sum(not result.passed for result in results)
    chosen, pools = coverage.pools
    both, requirements = coverage.requirements
    return {
        "passed": len(results) - failed,
        "failed": failed,
        "tests": [_result(result) for result in results],
        "coverage": {
            "pools": pools,
            "chosenPools": chosen,
            "requirements": requirements,
            "requirementsBothWays": both,
            "gaps": [
                {
                    "pool": gap.pool,
                    "field": gap.field or None,
                    "requirement": gap.requirement or None,
                    "span": gap.place or None,
                    "never": list(gap.never),
                }
                for gap in coverage.gaps()
            ],
        },
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "file": result.suite.file,
        "suite": result.suite.name or None,
        "name": result.case.name,
        "span": str(result.case.span),
        "passed": result.passed,
        "mismatches": [
            {
                "key": mismatch.key,
                "expected": mismatch.expected,
                "actual": mismatch.actual,
                "span": str(mismatch.span),
            }
            for mismatch in result.mismatches
        ],
        "reasons": list(result.reasons),
        "decision": result.decision.to_json(),
    }
