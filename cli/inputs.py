"""Reading what `-f` names: files, folders, standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from model.errors import ConfigurationError

SUFFIXES = (".yaml", ".yml", ".json")
TEST_SUFFIXES = tuple(f".test{suffix}" for suffix in SUFFIXES)


def read_inputs(paths: Sequence[str], recursive: bool = False) -> list[tuple[str, bytes]]:
    """(name as given, bytes) of each file; a folder stands for its manifests, sorted by name.

    Policy tests in a folder are no manifests; `poolweaver test` reads them. `-` is standard input.
    Raises `ConfigurationError` for a path that cannot be read, and for a folder without a manifest.
    """
    found: list[tuple[str, bytes]] = []
    for path in paths:
        if path == "-":
            found.append(("-", sys.stdin.buffer.read()))
        elif Path(path).is_dir():
            found += [_read(name) for name in _manifests(path, recursive)]
        else:
            found.append(_read(path))
    return found


def read_file(path: str) -> tuple[str, bytes]:
    """(name as given, bytes) of one file, `-` being standard input; errors as `read_inputs`."""
    return ("-", sys.stdin.buffer.read()) if path == "-" else _read(path)


def is_test(path: Path) -> bool:
    """Whether a file is one of policy tests, by its name."""
    return path.name.endswith(TEST_SUFFIXES)


def _manifests(folder: str, recursive: bool) -> list[str]:
    pattern = "**/*" if recursive else "*"
    found = [p for p in Path(folder).glob(pattern) if p.suffix in SUFFIXES and p.is_file()]
    names = [str(p) for p in found if not is_test(p)]
    if not names:
        raise ConfigurationError(
            f"folder `{folder}` has no manifest",
            f"manifests end in {', '.join(SUFFIXES)}"
            + ("" if recursive else "; name a folder below it, or add -R for all of them"),
            code="invalid-argument",
        )
    return sorted(names)


def _read(path: str) -> tuple[str, bytes]:
    try:
        return path, Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"cannot read `{path}`: {os.strerror(error.errno or 0)}",
            "check the path",
            code="unreadable-file",
        ) from None
