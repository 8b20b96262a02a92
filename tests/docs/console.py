"""Running a document: its fenced blocks, in order, in one scratch folder.

A `console` block holds commands and what they print:

    $ poolweaver get pods
    No resources found in default namespace.
    (exit 0 is not written; any other is, as the last line of the command's output)

A line that ends in a backslash goes on in the next. A block of another language whose head names a
file, such as `yaml pool.yaml`, is written to that file, so that later commands can read it. The
scratch folder is the home folder, the working folder, and `/home/you` in the text.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HOME_IN_TEXT = "/home/you"
FENCED = re.compile(r"(?ms)^```(?P<head>[^\n`]+)\n(?P<text>.*?)^```$")
PROMPT = "$ "
AGE = re.compile(r"(?m)\b(\d+m\d+s|\d+[smhd])$")  # the last column of `get`
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")  # log lines and journals
TIMEOUT_SECONDS = 120


class Block(NamedTuple):
    """A fenced block: language, the file it is written to or empty, text, line in the document."""

    language: str
    file: str
    text: str
    line: int


class Command(NamedTuple):
    """A command as written, its lines joined by line feeds, and the lines it is said to print."""

    text: str
    expected: tuple[str, ...]


def blocks_of(document: str) -> list[Block]:
    """The fenced blocks of a document, in order."""
    return [_block(document, match) for match in FENCED.finditer(document)]


def _block(document: str, match: re.Match[str]) -> Block:
    language, _, file = match["head"].partition(" ")
    return Block(language, file, match["text"], document.count("\n", 0, match.start()) + 1)


def commands_of(block: str) -> Iterator[Command]:
    """The commands of a console block; `ValueError` for output before the first."""
    lines = block.splitlines()
    place = 0
    while place < len(lines):
        if not lines[place].startswith(PROMPT):
            raise ValueError(f"`{lines[place]}` stands before the first command")
        start = place
        while lines[place].endswith("\\"):
            place += 1
        place += 1
        command = "\n".join(lines[start:place]).removeprefix(PROMPT)
        start = place
        while place < len(lines) and not lines[place].startswith(PROMPT):
            place += 1
        yield Command(command, tuple(lines[start:place]))


class Session:
    """A scratch folder with a copy of the examples, and a `poolweaver` that is this checkout's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "examples").symlink_to(ROOT / "examples")
        tools = folder / ".tools"
        tools.mkdir()
        program = tools / "poolweaver"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m cli.main "$@"\n')
        program.chmod(0o755)
        self._environment = {
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "POOLWEAVER_DB": str(folder / ".local/state/poolweaver/ipam.db"),
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
        }

    def regenerate(self, document: str) -> str:
        """The document with the output of its commands as it is now, ages and times kept where they stand."""

        def replace(match: re.Match[str]) -> str:
            block = _block(document, match)
            if block.file:
                path = self.folder / block.file
                path.write_text(block.text.replace(HOME_IN_TEXT, str(self.folder)))
            if block.language != "console":
                return match[0]
            text = "".join(self._shown(command) for command in commands_of(block.text))
            return f"```{match['head']}\n{text}```"

        return FENCED.sub(replace, document)

    def _shown(self, command: Command) -> str:
        lines = self._run(command.text)
        if _without_times(lines) == _without_times(command.expected):
            lines = command.expected
        return "".join(f"{line}\n" for line in (PROMPT + command.text, *lines))

    def _run(self, text: str) -> tuple[str, ...]:
        """What a command prints, standard error included, and how it ends unless that is 0."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", text.replace(HOME_IN_TEXT, str(self.folder))],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        output = done.stdout.replace(str(self.folder), HOME_IN_TEXT).splitlines()
        return (*output, *([f"(exit {done.returncode})"] if done.returncode else []))


def _without_times(lines: tuple[str, ...]) -> str:
    return TIME.sub("TIME", AGE.sub("AGE", "\n".join(lines)))
