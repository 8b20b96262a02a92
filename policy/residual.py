"""What remains to be known: the rules of a pool once everything but some facts is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.rules import check_text
from policy.evaluate import evaluate
from policy.normal.answer import NO
from policy.normal.box import box_of, satisfiable
from policy.normal.domains import NETWORK, Place, is_tangled, place_of

if TYPE_CHECKING:
    from model.decisions import CheckResult
    from model.facts import Facts
    from model.rules import Check, PoolRules

NEVER, ALWAYS, IF = "never", "always", "if"


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left of a pool's rules.

    `verdict` is `always` (it stands whatever the open facts are), `never` (`failed` says why, or
    the open checks contradict each other), or `if`: it stands just where all `left` hold.
    """

    pool: str
    verdict: str
    left: tuple[Check, ...] = ()
    failed: tuple[CheckResult, ...] = ()
    state: str = ""

    def to_json(self) -> dict[str, object]:
        """`{"pool", "verdict", "left": [rule texts], "failed": [checks], "state"}`."""
        return {
            "pool": self.pool,
            "verdict": self.verdict,
            "left": [check_text(check) for check in self.left],
            "failed": [check.to_json() for check in self.failed],
            "state": self.state or None,
        }


def residual(facts: Facts, pool: PoolRules, open_places: Iterable[Place]) -> Residual:
    """The pool's rules with all facts filled in but those at `open_places`.

    Checks on sections that are not known are left, too. An open annotation that names networks
    leaves the network open.
    """
    places = set(open_places)
    if any(map(is_tangled, places)):
        places.add(NETWORK)
    left, failed = _split(facts, pool, places)
    if pool.terminating or pool.disabled:
        return Residual(pool.name, NEVER, state="terminating" if pool.terminating else "disabled")
    if failed:
        return Residual(pool.name, NEVER, (), tuple(failed))
    if satisfiable(box_of(left)) is NO:
        return Residual(pool.name, NEVER, tuple(left))
    return Residual(pool.name, IF if left else ALWAYS, tuple(left))


def _split(
    facts: Facts, pool: PoolRules, places: set[Place]
) -> tuple[list[Check], Sequence[CheckResult]]:
    """The checks that stay open, and those that fail."""
    left, failed = [], []
    for index, check in enumerate(pool.checks):
        if place_of(check) in places:
            left.append(check)
            continue
        done = evaluate(facts, pool.family, check, pool.spans[index] if pool.spans else None)
        if done.ok is None:
            left.append(check)
        elif not done.ok:
            failed.append(done)
    return left, failed
