"""Transcripts: statements of a session, and all that it prints, in files that tests run.

    ## the head of a session
    > :pod shop/web-1
    Pod shop/web-1
    > match
    ...
    (exit 0 is not written; any other is, as the last line of its session)

What goes to standard error stands where it was printed. A session decides over `world/`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.docs.console import ROOT

HERE = Path(__file__).parent
DURATION = re.compile(r"\d+\.\d+ ms")


class Transcript(NamedTuple):
    """The head, the statements, and the lines below it as they stand in the file."""

    head: str
    statements: tuple[str, ...]
    text: str


def transcripts(path: Path) -> list[Transcript]:
    """All sessions of a file."""
    found = []
    for part in re.split(r"(?m)^## ", path.read_text(encoding="utf-8"))[1:]:
        head, _, text = part.partition("\n")
        statements = tuple(re.findall(r"(?m)^> (.*)$", text))
        found.append(Transcript(head, statements, text.rstrip("\n") + "\n"))
    return found


def output_of(transcript: Transcript) -> str:
    """What the file says is printed, all in one."""
    lines = transcript.text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("> "))


def run(statements: tuple[str, ...], *sources: str) -> str:
    """What a session prints in which each statement is a `-c` of its own."""
    arguments = [part for one in statements for part in ("-c", one)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli.main", "repl", *(sources or ("world",)), *arguments],
        cwd=HERE,
        env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    printed = DURATION.sub("N ms", done.stdout)
    return printed + (f"(exit {done.returncode})\n" if done.returncode else "")


def written_anew(transcript: Transcript) -> str:
    """The session as the file should have it, found by running it up to each statement."""
    lines, before = [], ""
    for count, statement in enumerate(transcript.statements, 1):
        printed = run(transcript.statements[:count])
        body = re.sub(r"\(exit \d+\)\n$", "", printed)
        is_last = count == len(transcript.statements)
        lines += [f"> {statement}\n", (printed if is_last else body).removeprefix(before)]
        before = body
    return f"## {transcript.head}\n" + "".join(lines) + "\n"
