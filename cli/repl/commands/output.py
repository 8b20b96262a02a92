""":json, :help, :quit: how answers are given, and the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.repl.answer import Answer
from cli.repl.registry import COMMANDS as COMMAND_WORDS
from cli.repl.registry import ON_OFF, Command
from model.errors import ConfigurationError
from policy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.repl.language import Statement
    from cli.repl.registry import Registry
    from cli.repl.session import Session


def _json(session: Session, statement: Statement) -> Answer:
    words = statement.words()
    if words not in ([], ["on"], ["off"]):
        raise ConfigurationError(
            f"`:json` does not know {shown(words[0])}",
            "write `:json on` or `:json off`",
            code="invalid-argument",
        )
    session.as_json = words == ["on"] if words else not session.as_json
    text = "answers are JSON" if session.as_json else "answers are text"
    return Answer(text, {"json": session.as_json})


def _quit(_: Session, __: Statement) -> Answer:
    return Answer("", {}, ends=True)


def help_answer(registry: Registry, words: Sequence[str]) -> Answer:
    """All commands, a line each; of one, its usage and its line."""
    found = [registry.find(word) for word in words] or list(registry.commands.values())
    width = max(len(one.usage) for one in found)
    lines = [f"{one.usage:{width}}  {one.help}" for one in found]
    if not words:
        lines += ["", "a statement ends with its line or a `;`, and goes on until its braces close"]
    return Answer("\n".join(lines), [{"usage": one.usage, "help": one.help} for one in found])


COMMANDS = (
    Command(":json", ":json [on|off]", "Give answers as JSON.", _json, 0, 1, (ON_OFF,)),
    Command(":quit", ":quit", "End the session.", _quit),
)
HELP = (":help", ":help [COMMAND]", "List the commands.", COMMAND_WORDS)
