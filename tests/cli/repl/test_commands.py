"""Every command by `-c`, with all that it prints: see commands.txt and errors.txt."""

from __future__ import annotations

import os

import pytest

from cli.repl.all_commands import all_commands
from cli.repl.language import parse_session
from tests.cli.repl.transcripts import (
    HERE,
    Transcript,
    output_of,
    run,
    transcripts,
    written_anew,
)

FILES = (HERE / "commands.txt", HERE / "errors.txt")
ALL = [one for file in FILES for one in transcripts(file)]

if os.environ.get("POOLWEAVER_UPDATE_DOCS") == "1":
    for file in FILES:
        file.write_text("".join(map(written_anew, transcripts(file))), encoding="utf-8")


@pytest.mark.parametrize("transcript", ALL, ids=[one.head for one in ALL])
def test_a_session_prints_exactly_this(transcript: Transcript) -> None:
    assert run(transcript.statements) == output_of(transcript)


def test_every_command_has_a_transcript() -> None:
    registry = all_commands()
    written = [
        statement
        for one in transcripts(FILES[0])
        for text in one.statements
        for statement in parse_session(text).statements
    ]
    used = {registry.find(statement.command).name for statement in written}
    assert used == set(registry.commands)
