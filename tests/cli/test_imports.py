"""What a command imports: click, and of our own packages what it needs. Imports are what it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.console import ROOT
from tests.ipam.calls import make_store, pod, pool

OURS = ("cli", "grammar", "ipam", "model", "policy", "store")
# Libraries for manifests and rules, and modules of Python that cost more than a command does.
HEAVY = {
    "asyncio", "dataclasses", "email", "importlib.metadata", "lark", "multiprocessing", "netaddr", "pydantic", "rich",
    "sqlite3", "sqlite_utils", "subprocess", "yaml", "zipfile",
}  # fmt: skip
LOADED = "from cli.main import main\ntry:\n    main()\nexcept SystemExit as end:\n    print(end.code, *sys.modules, file=sys.stderr)"


def loaded(*arguments: str) -> set[str]:
    script = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{LOADED}"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    code, *modules = done.stderr.split()
    assert code == "0", done.stderr
    return set(modules)


def before() -> set[str]:
    """What this interpreter loads for nothing, such as the hooks of editable installs."""
    command = [sys.executable, "-I", "-c", "import sys; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in OURS}


def test_the_list_of_commands_imports_none_of_them_and_nothing_below() -> None:
    modules = loaded("--help")
    assert ours(modules) == {
        "cli", "cli.failures", "cli.main", "ipam", "ipam.places", "model", "model.errors",
    }  # fmt: skip
    assert not (modules - before()) & HEAVY


def test_the_version_is_told_without_anything_of_ours() -> None:
    assert ours(loaded("--version")) == ours(loaded("--help"))


@pytest.mark.parametrize("output", ["text", "json"])
def test_an_explanation_imports_no_parser_and_no_validator(tmp_path: Path, output: str) -> None:
    world = pool("p", "10.0.0.1-10.0.0.9") + pod("web", ["p"])
    db = make_store(tmp_path / "ipam.db", world)
    modules = (
        loaded("--db", str(db), "explain", "pod", "web", "--node", "n1", "-o", output) - before()
    )
    assert not modules & HEAVY
    unwanted = {
        "grammar.parse",
        "ipam.apply",
        "policy.compile",
        "policy.load",
        "store.create",
        "store.schema",
    }
    assert not modules & unwanted


def test_a_session_without_a_terminal_does_not_load_one(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(pool("p", "10.0.0.1-10.0.0.9"))
    assert "prompt_toolkit" not in loaded("repl", str(world), "-c", ":quit")
