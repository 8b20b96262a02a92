"""Every command of a session, in the order of `:help`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.repl.commands import analysing, deciding, facts, loading, output, reasons, stepping
from cli.repl.registry import Command, Registry

if TYPE_CHECKING:
    from cli.repl.answer import Answer
    from cli.repl.language import Statement
    from cli.repl.session import Session


def all_commands() -> Registry:
    """The registry with `:help`, which lists it."""
    groups = (loading, facts, deciding, reasons, stepping, analysing, output)
    name, usage, text, completes = output.HELP

    def show_help(_: Session, statement: Statement) -> Answer:
        return output.help_answer(registry, statement.words())

    listing = Command(name, usage, text, show_help, 0, 1, (completes,))
    registry = Registry((*(one for group in groups for one in group.COMMANDS), listing))
    return registry
