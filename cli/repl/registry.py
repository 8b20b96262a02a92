"""The table of commands: what is typed, what runs, what help says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cli.repl.answer import Answer
from cli.repl.language import Statement
from cli.repl.session import Session
from model.errors import ConfigurationError
from model.naming import nearest
from policy.wording import listed, shown

Run = Callable[[Session, Statement], Answer]

# What completes the words behind a command.
POOLS, PODS, PATHS, FILES, COMMANDS, KEYS, ON_OFF = (
    "pools",
    "pods",
    "paths",
    "files",
    "commands",
    "keys",
    "on-off",
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its word, what may follow, one line of help, and what it does.

    `most` is how many words may follow it, None: any number. `completes` are kinds of words.
    """

    name: str
    usage: str
    help: str
    run: Run
    least: int = 0
    most: int | None = 0
    completes: tuple[str, ...] = ()


class Registry:
    """Commands by name, in the order of their groups."""

    def __init__(self, commands: tuple[Command, ...]) -> None:
        self.commands = {command.name: command for command in commands}

    def find(self, word: str) -> Command:
        """The command of a word, with or without its colon; `ConfigurationError` if none."""
        bare = word.removeprefix(":")
        for name in (word, f":{bare}", bare):
            if name in self.commands:
                return self.commands[name]
        near = nearest(bare, (name.removeprefix(":") for name in self.commands))
        names = [name if name in self.commands else f":{name}" for name in near]
        raise ConfigurationError(
            f"{shown(word)} is no command",
            f"did you mean {listed(names, 'or')}?" if names else "`:help` lists all commands",
            code="invalid-argument",
        )

    def run(self, session: Session, statement: Statement) -> Answer:
        """What the command of a statement gives; raises a `PoolweaverError` and nothing else."""
        command = self.find(statement.command)
        count = len(statement.words())
        if count < command.least or (command.most is not None and count > command.most):
            raise ConfigurationError(
                f"`{command.name}` takes {_how_many(command)}, not {count}",
                f"write `{command.usage}`",
                code="invalid-argument",
            )
        return command.run(session, statement)


def _how_many(command: Command) -> str:
    if command.most == 0:
        return "no word behind it"
    if command.most is None:
        return f"at least {command.least} word{'' if command.least == 1 else 's'} behind it"
    if command.least == command.most:
        return f"{command.least} word{'' if command.least == 1 else 's'} behind it"
    return f"{command.least} to {command.most} words behind it"
