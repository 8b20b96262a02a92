"""Every program of bench/ runs, writes its section, and finds what became slower. None is timed."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench import PROGRAMS
from bench.page import HEAD, PAGE, RULE
from bench.program import Program
from tests.docs.console import ROOT

FIGURE = r"\d+(?:\.\d+)?(?:e[+-]\d+)?"
TIME = rf"{FIGURE} (?:ns|µs|ms|s)"
ROW = re.compile(rf"\| [^|]+ \| {TIME} \| {TIME} \| {TIME} \| {FIGURE} \| \d+ \|")


def program(name: str) -> Program:
    found = importlib.import_module(f"bench.{name}").PROGRAM
    assert isinstance(found, Program)
    return found


def start(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"bench.{name}", "--quick", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )


def section_of(page: str, name: str) -> list[str]:
    match = re.search(rf"(?ms)^<!-- bench {name} -->\n(.*?)^<!-- bench {name} end -->$", page)
    assert match, f"no section of bench.{name}"
    return match[1].splitlines()


def check_section(lines: list[str], name: str) -> None:
    """Title, prose, command and machine, then tables with a baseline each."""
    assert lines[0] == f"## {program(name).title}"
    assert program(name).prose in lines
    written = [line for line in lines if line.startswith(f"Written by `python -m bench.{name}")]
    assert len(written) == 1
    assert re.search(
        r"\d+ cores? \(\w+\), Linux, CPython [\d.]+, SQLite [\d.]+, files on", written[0]
    )
    tables = re.findall(r"(?m)((?:^\|.*\n)+)", "\n".join(lines) + "\n")
    assert [table for table in tables if table.startswith(HEAD)]
    for table in tables:
        head, rule, *rows = table.splitlines()
        if head == HEAD:
            assert rule == RULE
            assert all(ROW.fullmatch(row) for row in rows), table
            assert [row for row in rows if row.split(" | ")[4] == "1"], table
        else:
            assert (head, rule) == ("| also | |", "|---|--:|")
            assert rows


def test_every_module_that_has_a_program_is_listed_and_no_other() -> None:
    found = {
        path.stem
        for path in (ROOT / "bench").glob("*.py")
        if re.search(r"(?m)^PROGRAM = ", path.read_text(encoding="utf-8"))
    }
    assert found == set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_writes_its_section_and_flags_what_became_slower(
    name: str, tmp_path: Path
) -> None:
    page, saved = tmp_path / "page.md", tmp_path / "run.json"
    page.write_text("# Figures\n\nWritten by people.\n", encoding="utf-8")
    done = start(name, "--page", page, "--save", saved)
    assert (done.returncode, done.stderr) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Figures\n\nWritten by people.\n\n<!-- bench")
    check_section(section_of(text, name), name)

    run = json.loads(saved.read_text(encoding="utf-8"))
    baselines = {row["name"] for row in run["figures"] if row["ratio"] == 1}
    (slow, *others) = [row for row in run["figures"] if row["name"] not in baselines]
    slow["ratio"] /= 1e6
    for row in (slow, *others):
        row["ratio"] *= 1e3  # all others were slower before, however noisy the machine
    saved.write_text(json.dumps(run), encoding="utf-8")
    done = start(
        name,
        "--only",
        slow["group"],
        "--compare",
        saved,
        "--threshold",
        "10%",
        "--min-threshold",
        "0us",
    )
    flagged = [line for line in done.stdout.splitlines() if line.startswith("slower: ")]
    assert (done.returncode, done.stderr, len(flagged)) == (3, "", 1)
    assert flagged[0].startswith(f"slower: {slow['group']} / {slow['name']}: +")


def test_a_base_that_is_no_run_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "base.json").write_text("{}", encoding="utf-8")
    for path, why in (("base.json", "is no run"), ("missing.json", "No such file")):
        done = start(PROGRAMS[0], "--compare", tmp_path / path)
        assert (done.returncode, done.stdout) == (2, "")
        assert why in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_page_of_the_documents_has_a_whole_section_of_every_program(name: str) -> None:
    check_section(section_of(PAGE.read_text(encoding="utf-8"), name), name)
    assert f"Written by `python -m bench.{name}` on " in PAGE.read_text(encoding="utf-8")


def test_the_page_holds_no_figure_outside_of_the_sections() -> None:
    page = PAGE.read_text(encoding="utf-8")
    prose = re.sub(r"(?ms)^<!-- bench (\w+) -->$.*?^<!-- bench \1 end -->$", "", page)
    assert not re.search(rf"\b{TIME}\b", prose)
