"""Running a statement and showing its answer or its error; neither ends the session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cli.failures import report
from cli.repl.commands.loading import poll
from model.errors import PoolweaverError, exit_code

if TYPE_CHECKING:
    from cli.repl.answer import Answer
    from cli.repl.language import Statement
    from cli.repl.registry import Registry
    from cli.repl.session import Session


def run_shown(registry: Registry, session: Session, statement: Statement) -> tuple[int, bool]:
    """(exit code of this statement, whether the session is to end); prints answer or error."""
    try:
        answer = registry.run(session, statement)
    except PoolweaverError as error:
        report(error)
        return exit_code(error), False
    if session.watching:
        session.remember()
    show(session, answer)
    return answer.exit_code, answer.ends


def poll_shown(session: Session) -> int:
    """Prints what changed in what is watched, or why it cannot be read; the exit code of that."""
    try:
        answer = poll(session)
    except PoolweaverError as error:
        report(error)
        click.echo(
            f"  still deciding over what was read of {session.world.source.text} before", err=True
        )
        return exit_code(error)
    if answer is not None:
        show(session, answer)
    return 0


def show(session: Session, answer: Answer) -> None:
    """Prints the answer as the session wants it: text, or one JSON document."""
    if answer.ends:
        return
    click.echo(json.dumps(answer.data, indent=2) if session.as_json else answer.text)
