"""From each schema to the next: one module a step, `mNNN_what_it_does.py`. Authoring time alone.

A step has one public function, `migrate(tables)`, and is never changed once a release had it: a
later step mends it. To add one:

1. `python -m tests.store.samples.make`, if the present schema has no sample yet;
2. the module here, and `store.database.SCHEMA_NUMBER` counted up.

Nothing else: steps are found by their names, and a test holds the number to the last of them. The
number in the file (`PRAGMA user_version`) is written for the step, in the same transaction.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from sqlite_utils import Database as Tables
from sqlite_utils.migrations import Migrations

if TYPE_CHECKING:
    from sqlite3 import Connection

_STEP = re.compile(r"m(\d{3})_\w+")


class Step:
    """One step: what it is called, the schema it leads to, and what it does."""

    __slots__ = ("migrate", "name", "number")

    def __init__(self, name: str, number: int, migrate: Callable[[Tables], None]) -> None:
        self.name = name
        self.number = number
        self.migrate = migrate


def steps() -> list[Step]:
    """All steps, in their order."""
    found = (_STEP.fullmatch(module.name) for module in pkgutil.iter_modules(__path__))
    return [
        Step(match[0], int(match[1]), import_module(f"{__name__}.{match[0]}").migrate)
        for match in sorted(filter(None, found), key=lambda match: match[0])
    ]


def apply_steps(connection: Connection, wanted: Sequence[Step]) -> None:
    """Takes the steps that were not taken yet, inside the caller's transaction.

    sqlite-utils remembers in the file which those are. Raises what SQLite raises.
    """
    registry = Migrations("poolweaver")
    for step in wanted:
        registry(name=step.name)(_numbered(step))
    registry.apply(Tables(connection, execute_plugins=False))


def statements(script: str) -> list[str]:
    """The statements of a script, one each: `executescript` would commit what is open.

    Not for scripts with `;` or `--` inside a literal.
    """
    lines = [line.partition("--")[0] for line in script.splitlines()]
    return [statement for statement in "\n".join(lines).split(";") if statement.strip()]


def _numbered(step: Step) -> Callable[[Tables], None]:
    def migrate(tables: Tables) -> None:
        step.migrate(tables)
        tables.execute(f"PRAGMA user_version = {step.number}")

    return migrate
