"""match, rank, :cost, :time: the decision as a whole."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from cli.decision_text import cost_text, decision_text
from cli.repl.answer import Answer
from cli.repl.registry import Command
from cli.tables import table
from ipam.cost import index_cost
from model.errors import EXIT_NO_ADDRESS, ConfigurationError
from policy.reasons import naive_cost
from policy.select import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.repl.language import Statement
    from cli.repl.session import Session
    from model.decisions import FamilyDecision

HEADINGS = ("RANK", "POOL", "OUTCOME", "FREE", "BEFORE THE NEXT")
TIMES = 20  # how often a decision is timed
WHOLE = "--all"


def _match(session: Session, statement: Statement) -> Answer:
    words = statement.words()
    if words not in ([], [WHOLE]):
        raise ConfigurationError(
            f"`match` does not know `{words[0]}`",
            "write `match` or `match --all`",
            code="invalid-argument",
        )
    decision = session.decision()
    code = EXIT_NO_ADDRESS if decision.error else 0
    return Answer(decision_text(decision, bool(words)), decision.to_json(), code)


def _rank(session: Session, _: Statement) -> Answer:
    decision = session.judged()
    lines = [line for family in decision.families for line in _ranked(family)]
    data = [
        {
            "family": family.family,
            "source": family.source,
            "pools": [
                {
                    "pool": c.pool,
                    "rank": c.rank,
                    "outcome": c.outcome,
                    "beforeNext": c.order_reason or None,
                }
                for c in family.candidates
                if c.rank
            ],
            "out": sum(not c.rank for c in family.candidates),
        }
        for family in decision.families
    ]
    return Answer("\n".join(lines), data)


def _ranked(family: FamilyDecision) -> Iterator[str]:
    standing = [c for c in family.candidates if c.rank]
    out = len(family.candidates) - len(standing)
    yield f"IPv{family.family}, from {describe(family.source)}:"
    if standing:
        rows = [
            [
                str(c.rank),
                c.pool,
                c.outcome,
                "" if c.free is None else str(c.free),
                c.order_reason or "-",
            ]
            for c in standing
        ]
        yield table(HEADINGS, rows)
    else:
        yield "no pool matches"
    if out:
        yield f"{out} more {'is' if out == 1 else 'are'} out: `why-not POOL` says why"


def _cost(session: Session, _: Statement) -> Answer:
    decision = session.judged()
    costs = {
        "naive": naive_cost(decision),
        "index": index_cost(session.store, session.request()),
    }
    return Answer(cost_text(costs), costs)


def _time(session: Session, _: Statement) -> Answer:
    """How long the decision takes here and now; the only answer that differs from run to run."""
    taken = []
    for _number in range(TIMES):
        before = session.stopwatch()
        session.decision()
        taken.append((session.stopwatch() - before) * 1000)
    middle, best = median(taken), min(taken)
    text = f"{TIMES} decisions with every reason: median {middle:.2f} ms, best {best:.2f} ms"
    return Answer(text, {"decisions": TIMES, "median_ms": middle, "best_ms": best})


COMMANDS = (
    Command("match", "match [--all]", "Decide for the Pod, as `explain` does.", _match, 0, 1),
    Command("rank", "rank", "List the pools that match, in order, and what decides it.", _rank),
    Command(":cost", ":cost", "Count the checks that the decision takes.", _cost),
    Command(":time", ":time", "Time the decision on this machine.", _time),
)
