"""The history of statements, kept between sessions in a file that nobody else may read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

ONLY_MINE = 0o600


def history_path(environ: Mapping[str, str]) -> Path:
    """`poolweaver/history` in the user's state folder (XDG Base Directory specification)."""
    state = environ.get("XDG_STATE_HOME") or ""
    folder = Path(state) if Path(state).is_absolute() else Path("~/.local/state").expanduser()
    return folder / "poolweaver" / "history"


class StatementHistory(FileHistory):
    """Whole statements, lines and all; one that cannot be written lasts for this session."""

    def store_string(self, string: str) -> None:
        """Appends a statement to the file."""
        with suppress(OSError):
            super().store_string(string)


def open_history(path: Path) -> tuple[History, str]:
    """The history at `path`, made with mode 0600; in memory, and why, where that cannot be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, ONLY_MINE))
        path.chmod(ONLY_MINE)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        return InMemoryHistory(), f"the history cannot be kept in `{path}`: {reason}"
    return StatementHistory(str(path)), ""
