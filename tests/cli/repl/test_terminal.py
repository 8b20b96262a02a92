"""A session as a person has it, in a real terminal: keys, history, paste, Ctrl-C, watching."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from tests.cli.repl.transcripts import HERE
from tests.docs.console import ROOT

PROMPT = "poolweaver>"  # and a blank, perhaps behind a change of colour
CTRL_C, CTRL_D, UP, TAB, ENTER = "\x03", "\x04", "\x1b[A", "\t", "\r"
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
SECONDS = 60  # that anything may take on a busy machine

Terminal = Callable[..., "Person"]


class Person:
    """Someone at a terminal: types, and waits until something stands there."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self.child = child

    def types(self, text: str) -> None:
        self.child.send(text)

    def sees(self, text: str) -> None:
        """Waits until the text was printed."""
        self.child.expect_exact(text, timeout=SECONDS)

    def asks(self, text: str, answer: str) -> None:
        self.types(text + ENTER)
        self.sees(answer)
        self.sees(PROMPT)

    def tells_the_place(self) -> None:
        """Answers where the cursor is, as terminals do; the status line is drawn after that."""
        self.sees("\x1b[6n")
        self.types("\x1b[1;1R")

    def leaves(self) -> int:
        """Ends the session; its exit code."""
        self.types(CTRL_D)
        self.child.expect(pexpect.EOF, timeout=SECONDS)
        self.child.close()
        assert self.child.signalstatus is None
        return int(self.child.exitstatus or 0)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE / "world", tmp_path / "world"))


@pytest.fixture
def terminal(tmp_path: Path, world: Path) -> Iterator[Terminal]:
    people = []

    def sit_down(*arguments: str, places: bool = False) -> Person:
        more = {} if places else {"PROMPT_TOOLKIT_NO_CPR": "1"}
        child = pexpect.spawn(
            sys.executable,
            ["-P", "-m", "cli.main", "repl", "world", *arguments],
            cwd=str(tmp_path),
            env={
                "PYTHONPATH": str(ROOT),
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "XDG_STATE_HOME": str(tmp_path / "state"),
                "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
                **more,
            },
            encoding="utf-8",
            dimensions=(40, 200),
        )
        people.append(child)
        person = Person(child)
        person.sees("Ctrl-D ends")
        if places:
            person.tells_the_place()
        else:
            person.sees(PROMPT)
        return person

    yield sit_down
    for child in people:
        child.close(force=True)


def test_what_is_typed_is_answered_and_the_status_line_has_the_pod(terminal: Terminal) -> None:
    person = terminal(places=True)
    person.sees("no Pod | files world")
    person.types(":pod shop/web-1" + ENTER)
    person.sees("Pod shop/web-1\r\n")
    person.tells_the_place()
    person.sees("Pod shop/web-1 | files world")
    person.types(":set pod.label.tier=back" + ENTER)
    person.sees('pod.label["tier"] is "back"')
    person.tells_the_place()
    person.sees("Pod shop/web-1 (1 fact set)")
    assert person.leaves() == 0


def test_an_error_does_not_end_a_session(terminal: Terminal) -> None:
    person = terminal("--pod", "shop/web-1")
    person.asks("why nothing-like-it", "there is no pool `nothing-like-it`")
    person.asks("eval pod.name == 4", "write a single `=`")
    person.types("why-not cache" + ENTER)
    person.sees("out: 2 checks short")
    person.sees(PROMPT)
    person.types(":quit" + ENTER)
    person.child.expect(pexpect.EOF, timeout=SECONDS)
    person.child.close()
    assert person.child.exitstatus == 0


def test_tab_completes(terminal: Terminal) -> None:
    person = terminal("--pod", "shop/web-1")
    person.types("why-not ca" + TAB)
    person.sees("che")
    person.types(ENTER)
    person.sees("out: 2 checks short")
    person.sees(PROMPT)
    person.types(":set pod.label.ti" + TAB)
    person.sees("er=")
    person.types("ba" + TAB)
    person.sees("ck")
    person.types(ENTER)
    person.sees('pod.label["tier"] is "back"')
    person.sees(PROMPT)
    assert person.leaves() == 0


def test_history_keeps_whole_statements_between_sessions_for_nobody_else(
    terminal: Terminal, tmp_path: Path
) -> None:
    person = terminal("--pod", "shop/web-1")
    person.types("eval {" + ENTER)
    person.types('require pod.label["tier"] = "front";' + ENTER + "}" + ENTER)
    person.sees("\r\nholds")
    person.sees(PROMPT)
    assert person.leaves() == 0
    file = tmp_path / "state" / "poolweaver" / "history"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = terminal("--pod", "shop/cart-1")
    again.types(UP)
    again.sees("tier")
    again.types(ENTER)
    again.sees("does not hold")
    again.sees(PROMPT)
    assert again.leaves() == 0
    lines = [line for line in file.read_text().splitlines() if line.startswith("+")]
    assert lines == ["+eval {", '+require pod.label["tier"] = "front";', "+}"]


def test_a_history_that_cannot_be_kept_is_said_and_the_session_goes_on(
    terminal: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("in the way")
    person = terminal("--pod", "shop/web-1")
    person.asks("why-not cache", "out: 2 checks short")
    assert person.leaves() == 0


def test_ten_lines_with_tabs_are_pasted_as_they_are(terminal: Terminal, tmp_path: Path) -> None:
    person = terminal("--pod", "shop/web-1")
    checks = [f'\trequire pod.label["app"] not in {{"a{n}"}};' for n in range(8)]
    text = "\n".join(["eval {", *checks, "}"])
    assert text.count("\n") == 9
    person.types(PASTE + text + PASTE_END)
    person.types(ENTER)
    for n in range(8):
        person.sees(f'wants pod.label["app"] not in {{"a{n}"}}, has "web"')
    person.sees("\r\nholds")
    person.sees(PROMPT)
    assert person.leaves() == 0
    kept = (tmp_path / "state" / "poolweaver" / "history").read_text()
    assert [line[1:] for line in kept.splitlines() if line.startswith("+")] == text.split("\n")


def test_pasted_statements_run_one_after_the_other(terminal: Terminal) -> None:
    person = terminal()
    person.types(PASTE + ":pod shop/web-1\nwhy-not cache\n:cost\n" + PASTE_END + ENTER)
    person.sees("Pod shop/web-1\r\n")
    person.sees("out: 2 checks short")
    person.sees("cost: 9 checks")
    person.sees(PROMPT)
    assert person.leaves() == 0


def test_ctrl_c_drops_what_is_typed_and_nothing_else(terminal: Terminal) -> None:
    person = terminal("--pod", "shop/web-1")
    person.types("eval {" + ENTER + "require pod.name" + CTRL_C)
    person.sees(PROMPT)
    person.sees(PROMPT)
    person.asks("why-not cache", "out: 2 checks short")
    assert person.leaves() == 0


def test_a_saved_file_is_read_at_once_and_a_broken_one_is_told(
    terminal: Terminal, world: Path
) -> None:
    person = terminal("--pod", "shop/web-1")
    person.asks(":watch", "watching files world")
    pools = world / "pools.yaml"
    good = pools.read_text()
    broken = world / "new"
    broken.write_text(good.replace("subnet: 10.1.0.0/16", "subnte: 10.1.0.0/16"))
    broken.rename(pools)
    person.sees("unknown-field")
    person.sees("still deciding over what was read of files world before")
    person.types("why-not red" + ENTER)
    person.sees("rank 2: blue (")
    changed = world / "new"
    changed.write_text(good.replace("{app: web}", "{app: webs}"))
    changed.rename(pools)
    person.sees("IPv4: blue 10.1.0.1/16 -> red 10.2.0.1/16")
    person.asks("why-not blue", "out: 1 check short")
    assert person.leaves() == 0
