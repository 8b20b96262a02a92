"""A session at a terminal: the prompt, its keys, completion, the status line, watching."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app, run_in_terminal
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.key_binding import KeyBindings

from cli.repl.commands.facts import pod_text
from cli.repl.commands.loading import world_text
from cli.repl.completion import complete
from cli.repl.history import open_history
from cli.repl.language import parse_session
from cli.repl.shown import poll_shown, run_shown
from cli.repl.vocabulary import Vocabulary
from model.errors import PoolweaverError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding import KeyPressEvent

    from cli.repl.registry import Registry
    from cli.repl.session import Session
    from cli.repl.world import World

PROMPT = "poolweaver> "
WATCH_SECONDS = 0.3  # how often watched files are looked at
WELCOME = "`:help` lists the commands, Tab completes, Ctrl-D ends"


class Terminal:
    """A session that a person types into. Ctrl-C drops what is typed, Ctrl-D ends it."""

    def __init__(self, registry: Registry, session: Session, history: Path) -> None:
        self._registry = registry
        self._session = session
        kept, problem = open_history(history)
        if problem:
            click.echo(f"warning: {problem}", err=True)
        self._prompt: PromptSession[str] = PromptSession(
            PROMPT,
            history=kept,
            completer=_SessionCompleter(registry, session),
            complete_while_typing=False,
            key_bindings=_keys(),
            multiline=True,
            prompt_continuation=lambda width, _number, _wrapped: " " * (width - 2) + "| ",
            bottom_toolbar=self._status,
        )

    def run(self) -> None:
        """Asks and answers until the person ends it."""
        click.echo(f"{world_text(self._session)}\n{WELCOME}")
        ended = False
        while not ended:
            try:
                ended = self._run(self._prompt.prompt(pre_run=self._start_watching))
            except KeyboardInterrupt:
                continue
            except EOFError:
                return

    def _run(self, text: str) -> bool:
        """Runs what was typed; whether the session is to end."""
        for statement in parse_session(text).statements:
            try:
                _, ended = run_shown(self._registry, self._session, statement)
            except KeyboardInterrupt:
                click.echo("interrupted", err=True)
                return False
            if ended:
                return True
        return False

    def _status(self) -> str:
        session = self._session
        mine = session.imagined
        parts = [
            f"Pod {pod_text(mine)}" if mine else "no Pod",
            session.world.source.text,
            "watching" if session.watching else "",
            "JSON" if session.as_json else "",
        ]
        return " " + " | ".join(part for part in parts if part)

    def _start_watching(self) -> None:
        get_app().create_background_task(self._watch())

    async def _watch(self) -> None:
        """Looks at what is watched while the prompt waits; changes are printed above it."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._session.watching and self._session.world.changed:
                await run_in_terminal(lambda: poll_shown(self._session))


def _keys() -> KeyBindings:
    """Enter ends a statement that is whole, and goes on in the next line where one is open."""
    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if parse_session(buffer.text).left:
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    return keys


class _SessionCompleter(Completer):
    """Completion by what the session's world holds, read anew when the world is another."""

    def __init__(self, registry: Registry, session: Session) -> None:
        self._registry = registry
        self._session = session
        self._known: tuple[World, Vocabulary] | None = None

    def get_completions(self, document: Document, _event: CompleteEvent) -> Iterator[Completion]:
        """What may stand at the cursor."""
        try:
            count, words = complete(self._registry, self._vocabulary(), document.text_before_cursor)
        except PoolweaverError:  # the store cannot be read: a command will say so
            return
        for word in words:
            yield Completion(word, start_position=-count)

    def _vocabulary(self) -> Vocabulary:
        world = self._session.world
        if self._known is None or self._known[0] is not world:
            self._known = (world, Vocabulary(world))
        return self._known[1]
