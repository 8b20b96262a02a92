"""`poolweaver lint`: what it prints and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.lint.registry import all_rules
from tests.cli.conftest import Cli
from tests.docs.console import ROOT
from tests.lint.linting import pool

SHADOWED = pool("nodeName: [n1]\nnodeAffinity:\n  matchLabels: {zone: a}")
CATCH_ALL = pool("default: true")


@pytest.fixture
def lint(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run `lint` on a text, as the file `f.yaml` of the working folder."""
    monkeypatch.chdir(tmp_path)

    def run(text: object, *options: object, stdin: str = "") -> object:
        Path("f.yaml").write_text(str(text), encoding="utf-8")
        return cli("lint", "f.yaml", *options, stdin=stdin)

    return run  # type: ignore[return-value]


def test_a_finding_is_shown_with_its_line_and_its_page(lint: Cli) -> None:
    outcome = lint(SHADOWED)
    assert outcome.code == 3
    assert outcome.out == (
        "warning[shadowed-affinity]: `nodeAffinity` of the pool `web` does not filter, since `nodeName` stands "
        "beside it; it only raises the rank\n"
        " --> f.yaml:9:3 (SpiderIPPool/web, spec.nodeAffinity)\n"
        "  |\n"
        "9 |   nodeAffinity:\n"
        "  |   ^^^^^^^^^^^^\n"
        "hint: leave `nodeAffinity` out, or leave `nodeName` out to filter by the selector\n"
        "page: poolweaver lint --explain shadowed-affinity\n"
        "\n"
        "1 warning (1 valid pool in 1 file)\n"
    )


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        (pool(), "info", 0),
        (CATCH_ALL, "info", 3),
        (CATCH_ALL, "warning", 0),
        (SHADOWED, "warning", 3),
        (SHADOWED, "error", 0),
        ("{", "error", 3),
        ("{", "never", 0),
    ],
)
def test_the_exit_code_follows_the_level(lint: Cli, text: str, level: str, code: int) -> None:
    assert lint(text, "--fail-level", level).code == code


def test_warnings_fail_unless_told_otherwise_and_info_does_not(lint: Cli) -> None:
    assert lint(SHADOWED).code == 3
    assert lint(CATCH_ALL).code == 0


def test_a_clean_file_says_so(lint: Cli) -> None:
    outcome = lint(pool())
    assert (outcome.code, outcome.out) == (0, "nothing found (1 valid pool in 1 file)\n")


@pytest.mark.parametrize("rule", list(all_rules()))
def test_every_page_is_printed_without_a_path(cli: Cli, rule: str) -> None:
    outcome = cli("lint", "--explain", rule)
    page = (ROOT / "docs" / "lint" / f"{rule}.md").read_text(encoding="utf-8")
    assert (outcome.code, outcome.out) == (0, page)


def test_an_error_of_apply_is_explained_too(cli: Cli) -> None:
    outcome = cli("lint", "--explain", "reversed-range")
    assert outcome.out == (
        "# reversed-range\n\nAn error of the manifest; `poolweaver apply` refuses it, too.\n\n"
        "What it means: the first address of a range is greater than its last.\n\nWhat to do: exchange them.\n"
    )


def test_a_rule_that_is_not_there_gets_a_suggestion(cli: Cli) -> None:
    outcome = cli("lint", "--explain", "shadowed-afinity")
    assert outcome.code == 1
    assert outcome.err == (
        "error[invalid-argument]: there is no rule `shadowed-afinity`\n  hint: did you mean `shadowed-affinity`?\n"
    )


def test_a_file_that_cannot_be_read_is_a_failure_and_no_finding(cli: Cli) -> None:
    outcome = cli("lint", "nowhere.yaml")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("error[unreadable-file]: cannot read `nowhere.yaml`")


def test_a_line_of_another_alphabet_or_of_great_length_does_not_break_the_picture(
    lint: Cli,
) -> None:
    for text in ("\u2028{", "a: " + "x" * 5000 + ": y", "a: [\x1b[31m", "ключ: ["):
        outcome = lint(text)
        assert outcome.code == 3
        assert "\x1b" not in outcome.out
