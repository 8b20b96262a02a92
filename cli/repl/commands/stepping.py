""":step, :next, :break: a decision, check by check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.decision_text import check_text
from cli.repl.answer import Answer
from cli.repl.registry import KEYS, POOLS, Command
from cli.repl.stepping import Stepper
from model.errors import ConfigurationError
from policy.wording import shown

if TYPE_CHECKING:
    from cli.repl.language import Statement
    from cli.repl.session import Session
    from cli.repl.stepping import Step

OFF = "off"
END = "the decision is at its end; `:step` begins anew"


def _stepper(session: Session) -> Stepper:
    """Where the session is; at the start where it was not stepping, or was at the end."""
    if session.stepper is None:
        decision = session.judged()
        view = session.view()
        session.stepper = Stepper(decision, view.pools, view.candidates.source)
    return session.stepper


def _step(session: Session, _: Statement) -> Answer:
    step = _stepper(session).step()
    return _answer(session, [step] if step else [])


def _next(session: Session, _: Statement) -> Answer:
    steps = _stepper(session).next(session.breakpoints)
    return _answer(session, steps)


def _answer(session: Session, steps: list[Step]) -> Answer:
    lines = [line for step in steps for line in _lines(step)]
    stepper = session.stepper
    over = stepper is None or stepper.is_over
    if over:
        lines.append(END)
        session.stepper = None
    return Answer("\n".join(lines), {"steps": [one.to_json() for one in steps], "end": over})


def _lines(step: Step) -> list[str]:
    place = f"IPv{step.family} {step.candidate.pool} {step.number}/{step.count}"
    lines = [f"{place} {check_text(step.check)}"] if step.check else []
    if step.ends_pool:
        lines.append(f"IPv{step.family} {step.candidate.pool}: {step.candidate.outcome}")
    return lines


def _break(session: Session, statement: Statement) -> Answer:
    words = statement.words()
    if words == [OFF]:
        session.breakpoints.clear()
    elif words:
        _toggle(session, words[0])
    marks = session.breakpoints
    text = (
        f"`:next` stops at {', '.join(marks)}" if marks else "`:next` stops at the end of each pool"
    )
    return Answer(text, {"breakpoints": list(marks)})


def _toggle(session: Session, word: str) -> None:
    if word in session.breakpoints:
        session.breakpoints.remove(word)
        return
    if word not in session.world.pool_names() and word not in looked_at(session):
        raise ConfigurationError(
            f"{shown(word)} is no pool, and no pool looks at such a fact",
            "name a pool, a fact such as `node.name`, or a label's key",
            code="invalid-argument",
        )
    session.breakpoints.append(word)


def looked_at(session: Session) -> set[str]:
    """What breakpoints can name besides pools: subjects and keys that rules look at."""
    found = set()
    for pool in session.world.store.pools.list():
        for _, subject, key, _, _ in pool.serving.rules.checks:
            found |= {subject, key, f"{subject}.{key}"} if key else {subject}
    return found


COMMANDS = (
    Command(":step", ":step", "Look at the next check of the decision.", _step),
    Command(
        ":next",
        ":next",
        "Go on to the end of the pool, or to the next breakpoint where there are any.",
        _next,
    ),
    Command(
        ":break",
        ":break [POOL|KEY|off]",
        "Stop `:next` at a pool, or where a label or fact is looked at; again takes it away.",
        _break,
        0,
        1,
        (POOLS, KEYS),
    ),
)
