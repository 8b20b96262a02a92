"""Putting a plugin into a CNI plugin folder: the embedded one, or the agent's client."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ipam.bundle import READER, bundle
from model.errors import ConfigurationError

NAME = "poolweaver"
PLUGIN_FOLDER = "the runtime's plugin folder"
SHEBANG_MOST = 127  # bytes of the first line that every Linux reads (binfmt_script)
BINDING_NOTE = (
    "note: a database serves one node. Pools that several nodes serve from their own databases "
    "must be split by nodeName, or two nodes hand out the same address."
)


def install_embedded(bin_dir: str) -> str:
    """Write the plugin into `bin_dir`, replacing an older one in one step; its path.

    The file starts this environment's Python with `-I -S`, so neither user settings nor the
    `site` module can change or slow it. A hidden file beside it holds the modules that it needs
    (`ipam.bundle`). `ConfigurationError` if the folder cannot be written to.
    """
    folder, home = existing_folder(bin_dir, PLUGIN_FOLDER), _home()
    modules = folder / f".{NAME}.modules"
    write_in_place(modules, bundle(sys.executable, home), 0o644)
    return _place(bin_dir, script(sys.executable, home, str(modules.absolute())).encode())


def install_client(bin_dir: str, machine: str) -> str:
    """Write the agent's client for this kind of machine (`uname -m`) into `bin_dir`; its path.

    It is a static executable and needs nothing else on the node. `ConfigurationError` if there is
    none for the machine, or if the folder cannot be written to.
    """
    client = Path(__file__).resolve().parent / "client" / f"{NAME}-{machine}"
    try:
        content = client.read_bytes()
    except FileNotFoundError:
        built = [path.name.removeprefix(f"{NAME}-") for path in client.parent.glob(f"{NAME}-*")]
        there = f"there is one for {' and '.join(sorted(built))}"
        hint = there if built else "install Poolweaver with `pip install`, which builds it"
        raise ConfigurationError(
            f"this installation has no client for `{machine}`",
            f"{hint}; `--mode embedded` needs none",
            code="client-missing",
        ) from None
    return _place(bin_dir, content)


def _place(bin_dir: str, content: bytes) -> str:
    target = existing_folder(bin_dir, PLUGIN_FOLDER) / NAME
    write_in_place(target, content, 0o755)
    return str(target)


def existing_folder(path: str, what: str) -> Path:
    """The folder at `path`; `ConfigurationError`, whose hint says `what` to name, if it is none."""
    folder = Path(path)
    if not folder.is_dir():
        raise ConfigurationError(
            f"`{path}` is no folder", f"create it, or name {what}", code="invalid-argument"
        )
    return folder


def write_in_place(target: Path, content: bytes, mode: int) -> None:
    """Write a file in one step: a reader sees the old one or the new one, also after a power cut.

    `ConfigurationError` if it cannot be written.
    """
    scratch = target.parent / f".{target.name}.{os.getpid()}"
    try:
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        scratch.replace(target)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise ConfigurationError(
            f"cannot write to `{target.parent}`: {error.strerror}",
            "run as root, or name another folder",
            code="invalid-argument",
        ) from None


def _home() -> str:
    """The folder that holds our packages."""
    return str(Path(__file__).resolve().parent.parent)


def script(python: str, home: str, modules: str) -> str:
    """The plugin's text. A path too long or with blanks for a `#!` line goes through /bin/sh."""
    first = f"#!{python} -IS\n"
    if len(first) > SHEBANG_MOST or " " in python:
        first = f"#!/bin/sh\n'''exec' \"{python}\" -IS \"$0\" \"$@\"\n' '''\n"
    return (
        f"{first}HOME, BUNDLE = {home!r}, {modules!r}\n"
        f"{READER}"
        "sys.path.insert(0, HOME)\n"
        "from ipam.plugin import main\n\n"
        "sys.exit(main())\n"
    )
