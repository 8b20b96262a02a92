"""Where reports go: several in one run, files whole or not at all, colours where they are wanted."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.docs.console import ROOT
from tests.lint.report.corpus import WEB


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("web.yaml").write_text(WEB)
    return tmp_path


def test_each_report_goes_to_the_file_behind_its_format_and_one_to_standard_output(
    cli: Cli, web: Path
) -> None:
    done = cli(
        "lint", "--format", "compact", "--format", "sarif", "--output", "o.sarif", "web.yaml",
        "--format", "json", "--output", "o.json",
    )  # fmt: skip
    assert done.code == 3
    assert done.out.startswith("web.yaml:9:3: warning [shadowed-affinity] ")
    assert len(done.out.splitlines()) == 1
    assert [line.partition(": ")[0] for line in done.err.splitlines()] == ["info"]
    assert json.loads(Path("o.sarif").read_text())["version"] == "2.1.0"
    assert json.loads(Path("o.json").read_text())["summary"]["warning"] == 1


def test_without_a_format_text_goes_to_standard_output_without_colours(cli: Cli, web: Path) -> None:
    done = cli("lint", "web.yaml")
    assert done.code == 3
    assert done.out.startswith("warning[shadowed-affinity]: ")
    assert "\x1b" not in done.out
    assert done.out == cli("lint", "web.yaml", "--format", "text", "--output", "-").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--format", "json", "--format", "text"],
            "two reports cannot go to standard output: name an --output for each",
        ),
        (["--output", "x"], "each --output stands behind the --format it is for"),
        (
            ["--format", "json", "--output", "x", "--output", "y"],
            "each --output stands behind the --format it is for",
        ),
        (
            ["--format", "json", "--output", "x", "--format", "text", "--output", "./x"],
            "two reports cannot go to one file: name an --output for each",
        ),
    ],
    ids=["stdout twice", "no format", "two files", "one file twice"],
)
def test_reports_that_are_in_each_others_way_are_an_error_of_usage(
    cli: Cli, web: Path, arguments: list[str], message: str
) -> None:
    done = cli("lint", "web.yaml", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == f"Error: {message}"
    assert not Path("x").exists()


def test_a_file_that_cannot_be_written_is_an_error_and_prints_no_half_report(
    cli: Cli, web: Path
) -> None:
    done = cli("lint", "web.yaml", "--format", "text", "--format", "json", "--output", "no/o.json")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith(
        "\nerror[unwritable-file]: cannot write `no/o.json`: No such file or directory\n"
        "  hint: check the folder, its permissions, and the room on its disk\n"
    )


def test_a_file_keeps_its_mode_and_a_link_stays_one(cli: Cli, web: Path) -> None:
    Path("real.json").write_text("old")
    Path("real.json").chmod(0o640)
    Path("o.json").symlink_to("real.json")
    cli("lint", "web.yaml", "--format", "json", "--output", "o.json")
    assert Path("o.json").is_symlink()
    assert Path("real.json").stat().st_mode & 0o777 == 0o640
    assert json.loads(Path("real.json").read_text())["version"] == 1
    assert sorted(p.name for p in web.iterdir() if p.name != "state") == [
        "o.json",
        "real.json",
        "web.yaml",
    ]


def on_a_terminal(folder: Path, **environment: str) -> bytes:
    """What `lint` writes to standard output and standard error where both are a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "cli.main", "lint", "web.yaml"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    ):
        os.close(slave)
        said = b""
        try:
            while piece := os.read(master, 65536):
                said += piece
        except OSError:  # the other end is closed
            pass
    os.close(master)
    return said


def test_a_terminal_gets_colours_and_progress_and_no_colours_under_no_color(web: Path) -> None:
    said = on_a_terminal(web, TERM="xterm")
    assert b"\x1b[33m\x1b[1mwarning[shadowed-affinity]\x1b[0m" in said
    assert b"linting " in said
    plain = on_a_terminal(web, TERM="xterm", NO_COLOR="1")
    assert b"warning[shadowed-affinity]: `nodeAffinity`" in plain
    assert b"\x1b[33m" not in plain
