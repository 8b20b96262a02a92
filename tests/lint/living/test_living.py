"""`poolweaver.toml`, rules by name, and the baseline: what is passed over, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.errors import ConfigurationError
from policy.lint.living.baseline import parse_baseline
from policy.lint.living.configuration import parse_configuration, path_matches
from policy.lint.registry import all_rules
from tests.cli.conftest import Cli
from tests.lint.report.corpus import WEB


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("old").mkdir()
    Path("old/web.yaml").write_text(WEB)
    return tmp_path


def summary(out: str) -> str:
    return out.splitlines()[-1]


def configure(text: str) -> None:
    Path("poolweaver.toml").write_text(text)


def test_a_configuration_is_found_above_the_first_path_and_changes_severities(
    cli: Cli, folder: Path
) -> None:
    configure('[lint.rules]\nshadowed-affinity = "info"\n')
    done = cli("lint", "old/web.yaml")
    assert (done.code, summary(done.out)) == (0, "1 info (1 valid pool in 1 file)")
    configure('[lint]\nfail-level = "info"\n[lint.rules]\nshadowed-affinity = "info"\n')
    assert cli("lint", "old/web.yaml").code == 3
    assert cli("lint", "old/web.yaml", "--fail-level", "error").code == 0


def test_the_last_pattern_that_matches_counts_before_what_holds_everywhere(
    cli: Cli, folder: Path
) -> None:
    configure(
        '[lint.rules]\nshadowed-affinity = "error"\n[lint.paths."**"]\nshadowed-affinity = "info"\n'
        '[lint.paths."old/*.yaml"]\nshadowed-affinity = "off"\n'
    )
    done = cli("lint", "old", "--format", "json")
    said = json.loads(done.out)
    assert (done.code, said["findings"]) == (0, [])
    assert [one["ignored_by"] for one in said["ignored"]] == ["configuration"]
    Path("new").mkdir()
    Path("new/web.yaml").write_text(WEB)
    assert summary(cli("lint", "new").out) == "1 info (1 valid pool in 1 file)"


def test_rules_are_selected_and_ignored_by_name_whatever_the_configuration_turns_off(
    cli: Cli, folder: Path
) -> None:
    configure('[lint.rules]\nshadowed-affinity = "off"\n')
    assert cli("lint", "old").code == 0
    done = cli("lint", "old", "--select", "shadowed-affinity")
    assert (done.code, summary(done.out), done.err) == (3, "1 warning (1 valid pool in 1 file)", "")
    assert cli("lint", "old", "--config", "/dev/null").code == 3
    assert cli("lint", "old", "--config", "/dev/null", "--ignore", "shadowed-affinity").code == 0


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            "shadowed-afinity",
            "there is no rule `shadowed-afinity`; did you mean `shadowed-affinity`?",
        ),
        ("invalid-range", "invalid-range is an error of `apply`: it is always told of"),
    ],
)
def test_a_rule_that_cannot_be_selected_is_an_error_of_usage(
    cli: Cli, folder: Path, rule: str, message: str
) -> None:
    for option in ("--select", "--ignore"):
        done = cli("lint", "old", option, rule)
        assert (done.code, done.err.splitlines()[-1]) == (2, f"Error: {message}")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("a", "`f` is no TOML: expected '=' after a key in a key/value pair (at end of document)", "mend the line that is named"),
        ("lint = 1", "`lint` in `f` is no table", "write `[lint]`, and keys below it"),
        ("[lint]\nrule = 1", "unknown key `lint.rule` in `f`", "did you mean `rules`?"),
        ('[lint]\nfail-level = "x"', "`lint.fail-level` in `f` is the text `x`", "write `error`, `warning`, `info` or `never`"),
        ("[lint]\nbaseline = 1", "`lint.baseline` in `f` is no text", "write the name of a file in quotes"),
        ('[lint.rules]\nrank-ty = "off"', "unknown rule `rank-ty` under `lint.rules` in `f`", "did you mean `rank-tie`?"),
        ("[lint.rules]\nrank-tie = false", "`lint.rules.rank-tie` in `f` is `false`", "write `error`, `warning`, `info` or `off`"),
        ('[lint.rules]\ninvalid-range = "off"', "`invalid-range` under `lint.rules` in `f` is an error of `apply`", "leave it out; what `apply` refuses cannot be configured"),
        ('[lint.paths]\n"a[" = {}', "the pattern `a[` in `f` has a malformed class `[...]`", "correct it"),
    ],
)  # fmt: skip
def test_a_configuration_that_makes_no_sense_says_what_and_where(
    text: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration(text, "f", all_rules())
    error = caught.value
    assert (error.code, error.message, error.hint) == ("invalid-setting", message, hint)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.yaml", "a.yaml", True),
        ("*.yaml", "a/b.yaml", False),
        ("**", "a/b/c", True),
        ("a/**", "a/b/c", True),
        ("a/**/c", "a/c", True),
        ("**/c", "a/b/d", False),
    ],
)
def test_patterns_match_steps_of_a_path(pattern: str, path: str, *, matches: bool) -> None:
    assert path_matches(pattern, path) is matches


def test_a_baseline_passes_over_what_was_there_and_fails_for_what_is_new(
    cli: Cli, folder: Path
) -> None:
    done = cli("lint", "old", "--baseline", "b.json", "--update-baseline")
    assert done.code == 0
    assert done.err.splitlines()[-1] == "wrote 1 finding to `b.json`"
    assert json.loads(Path("b.json").read_text()) == {
        "version": 1,
        "findings": [
            {
                "rule": "shadowed-affinity",
                "object": "SpiderIPPool/web",
                "field": "spec.nodeAffinity",
                "file": "old/web.yaml",
                "fingerprint": "0c9f72fa8e423f48",
            }
        ],
    }
    Path("old/web.yaml").write_text("# moved\n" + WEB)
    assert cli("lint", "old", "--baseline", "b.json").code == 0
    Path("old/b.yaml").write_text(WEB.replace("web", "b").replace("10.6.1", "10.6.2"))
    done = cli("lint", "old", "--baseline", "b.json", "--update-baseline")
    assert (done.code, summary(done.out)) == (3, "1 warning, 1 ignored (2 valid pools in 2 files)")
    assert len(json.loads(Path("b.json").read_text())["findings"]) == 1


def test_a_baseline_never_fails_when_things_improve_and_shrinks_when_asked(
    cli: Cli, folder: Path
) -> None:
    configure('[lint]\nbaseline = "b.json"\n')
    cli("lint", "old", "--update-baseline")
    Path("old/web.yaml").write_text(WEB[: WEB.index("  nodeAffinity")])
    before = Path("b.json").read_text()
    done = cli("lint", "old")
    assert done.code == 0
    assert done.err.splitlines()[-1].endswith(
        "b.json` found no more; --update-baseline takes it out"
    )
    assert Path("b.json").read_text() == before
    assert cli("lint", "old", "--update-baseline").code == 0
    assert parse_baseline(Path("b.json").read_text(), "b") == []


def test_what_was_not_looked_at_stays_in_the_baseline(cli: Cli, folder: Path) -> None:
    Path("other.yaml").write_text("")
    options = ("--baseline", "b.json", "--update-baseline")
    cli("lint", "old", *options)
    before = Path("b.json").read_text()
    cli("lint", "other.yaml", *options)
    cli("lint", "old", "--ignore", "shadowed-affinity", *options)
    assert Path("b.json").read_text() == before
    Path("old/web.yaml").unlink()
    cli("lint", "other.yaml", *options)
    assert parse_baseline(Path("b.json").read_text(), "b") == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1, "findings": [{}]}', "[" * 9999])
def test_what_is_no_baseline_is_a_clear_error(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_baseline(text, "b.json")
    assert (caught.value.code, caught.value.message) == (
        "invalid-setting",
        "`b.json` is no baseline",
    )
    assert caught.value.hint == "delete it, and write it anew with --update-baseline"


def test_a_baseline_that_is_not_there_is_an_error_unless_it_is_to_be_written(
    cli: Cli, folder: Path
) -> None:
    done = cli("lint", "old", "--baseline", "b.json")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error[unreadable-file]: there is no baseline `b.json`\n"
        "  hint: write it with --update-baseline, or leave --baseline out\n"
    )
    done = cli("lint", "old", "--update-baseline")
    assert (done.code, done.err.splitlines()[-1]) == (
        2,
        "Error: --update-baseline writes a file: name it with --baseline",
    )
