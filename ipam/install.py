"""Putting the embedded plugin into a CNI plugin folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from model.errors import ConfigurationError

NAME = "poolweaver"
SHEBANG_MOST = 127  # bytes of the first line that every Linux reads (binfmt_script)
BINDING_NOTE = (
    "note: a database serves one node. Pools that several nodes serve from their own databases "
    "must be split by nodeName, or two nodes hand out the same address."
)


def install_embedded(bin_dir: str) -> str:
    """Write the plugin into `bin_dir`, replacing an older one in one step; its path.

    The file starts this environment's Python with `-I -S`, so neither user settings nor the
    `site` module can change or slow it. `ConfigurationError` if the folder cannot be written to.
    """
    folder = Path(bin_dir)
    if not folder.is_dir():
        raise ConfigurationError(
            f"`{bin_dir}` is no folder",
            "create it, or name the runtime's plugin folder",
            code="invalid-argument",
        )
    target, scratch = folder / NAME, folder / f".{NAME}.{os.getpid()}"
    try:
        scratch.write_text(script(sys.executable, _home()), encoding="utf-8")
        scratch.chmod(0o755)
        scratch.replace(target)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write to `{bin_dir}`: {error.strerror}",
            "run as root, or name another folder",
            code="invalid-argument",
        ) from None
    return str(target)


def _home() -> str:
    """The folder that holds our packages."""
    return str(Path(__file__).resolve().parent.parent)


def script(python: str, home: str) -> str:
    """The plugin's text. A path too long or with blanks for a `#!` line goes through /bin/sh."""
    first = f"#!{python} -IS\n"
    if len(first) > SHEBANG_MOST or " " in python:
        first = f"#!/bin/sh\n'''exec' \"{python}\" -IS \"$0\" \"$@\"\n' '''\n"
    return (
        f"{first}import sys\n\n"
        f"sys.path.insert(0, {home!r})\n"
        "from ipam.plugin import main\n\n"
        "sys.exit(main())\n"
    )
