"""why, why-not, diff: one pool, and two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.decision_text import candidate_text
from cli.repl.answer import Answer
from cli.repl.registry import POOLS, Command
from cli.repl.session import candidate_of
from model.decisions import CHOSEN
from model.errors import ConfigurationError
from model.rules import RANK_FIELDS
from policy.evaluate import CLUSTER_DEFAULT, presence, sorted_by_rank, why_before
from policy.reasons import how_far
from policy.select import describe

if TYPE_CHECKING:
    from cli.repl.language import Statement
    from cli.repl.session import Session
    from model.decisions import Candidate, Decision, FamilyDecision
    from model.rules import PoolRules


def _why(session: Session, statement: Statement) -> Answer:
    """Every check of one pool."""
    return _about(session, statement, whole=True)


def _why_not(session: Session, statement: Statement) -> Answer:
    """What keeps one pool from being chosen."""
    return _about(session, statement, whole=False)


def _about(session: Session, statement: Statement, *, whole: bool) -> Answer:
    (name,) = statement.words()
    pool = session.pool(name).serving.rules
    decision = session.judged()
    found = candidate_of(decision, name)
    if found is None:
        reason = _why_no_candidate(session, decision, pool)
        text = f"{name} is not asked: {reason}"
        return Answer(text, {"pool": name, "candidate": None, "reason": reason})
    family, candidate = found
    lines = [candidate_text(candidate, family.address, whole=whole)]
    reason = _standing(family, candidate)
    lines += [f"  {reason}"] if reason else []
    data = {"pool": name, "candidate": candidate.to_json(), "reason": reason or None}
    return Answer("\n".join(lines), data)


def _standing(family: FamilyDecision, candidate: Candidate) -> str:
    """Where the pool stands: how far it is off, or what stands before it."""
    if not candidate.rank:
        return f"out: {how_far(candidate)}"
    if candidate.outcome == CHOSEN:
        return f"rank {candidate.rank}: the first that matches and has an address"
    if candidate.rank == 1:
        return "rank 1: none stands before it"
    before = family.candidates[candidate.rank - 2]
    told = f"{before.pool} ({before.outcome}) stands before it: {before.order_reason}"
    return f"rank {candidate.rank}: {told}"


def _why_no_candidate(session: Session, decision: Decision, pool: PoolRules) -> str:
    families = [family.family for family in decision.families]
    source = decision.families[0].source
    if not session.world.store.settings.get(f"enable_ipv{pool.family}"):
        return f"IPv{pool.family} is switched off"
    if source == CLUSTER_DEFAULT:
        return "nothing names pools for the Pod, and this one has no `spec.default: true`"
    if pool.family not in families:
        return f"{describe(source)} names no IPv{pool.family} pool"
    return f"{describe(source)} names other pools"


def _diff(session: Session, statement: Statement) -> Answer:
    """Which of two pools stands first, and each thing that was compared until one decided."""
    names = statement.words()
    rules = {name: session.pool(name).serving.rules for name in names}
    if len(rules) < 2:
        raise ConfigurationError(
            "these are one pool", "name two: `diff A B`", code="invalid-argument"
        )
    families = {pool.family for pool in rules.values()}
    if len(families) > 1:
        text = "each family has its own order: one pool is IPv4, the other IPv6"
        return Answer(text, {"first": None, "reason": text, "compared": []})
    source, ordered = _ordered(session, rules)
    first, second = ordered
    reason = why_before(first, second, source)
    compared = _compared(first, second, source)
    lines = [f"{first.name} before {second.name}: {reason}"]
    lines += [
        f"  {what}: {first.name} {here}, {second.name} {there}" for what, here, there in compared
    ]
    states = _states(session, names)
    lines += [f"  {name} is {state}" for name, state in states.items()]
    data = {
        "first": first.name,
        "second": second.name,
        "reason": reason,
        "compared": [{"what": w, "first": a, "second": b} for w, a, b in compared],
        "outcomes": states,
    }
    return Answer("\n".join(lines), data)


def _ordered(session: Session, rules: dict[str, PoolRules]) -> tuple[str, list[PoolRules]]:
    """Who named the candidates, and the two in rank order; a list orders those in it."""
    view = session.view()
    family = next(iter(rules.values())).family
    candidates = [pool.rules for pool in view.pools.get(family, ())]
    both = [pool for pool in candidates if pool.name in rules]
    if len(both) == 2:
        source = view.candidates.source
        return source, [pool for pool in sorted_by_rank(candidates, source) if pool.name in rules]
    return CLUSTER_DEFAULT, sorted_by_rank(list(rules.values()), CLUSTER_DEFAULT)


def _compared(first: PoolRules, second: PoolRules, source: str) -> list[tuple[str, str, str]]:
    """What the order looks at, up to the first thing that differs."""
    rows: list[tuple[str, str, str]] = []
    for field, mine, theirs in zip(RANK_FIELDS, presence(first), presence(second), strict=True):
        rows.append((field, _set(mine), _set(theirs)))
        if mine != theirs:
            return rows
    rows.append(("priority", str(first.priority), str(second.priority)))
    if first.priority != second.priority:
        return rows
    if source == CLUSTER_DEFAULT:
        return [*rows, ("name", "first by name", "second")]
    return [*rows, ("place in the list", "earlier", "later")]


def _set(flag: int) -> str:
    return "not set" if flag else "set"


def _states(session: Session, names: list[str]) -> dict[str, str]:
    decision = session.decision()
    found = {name: candidate_of(decision, name) for name in names}
    return {name: one[1].outcome if one else "no candidate" for name, one in found.items()}


COMMANDS = (
    Command(
        "why", "why POOL", "Show every check of a pool, and where it stands.", _why, 1, 1, (POOLS,)
    ),
    Command(
        "why-not",
        "why-not POOL",
        "Show what keeps a pool from being chosen.",
        _why_not,
        1,
        1,
        (POOLS,),
    ),
    Command("diff", "diff A B", "Say why one pool stands before another.", _diff, 2, 2, (POOLS,)),
)
