"""`lint --fix`: whole files, in turns, until nothing is left."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.documents import read_documents
from policy.lint.finding import Finding
from policy.lint.fixing.fix_all import Fixed, Texts, fix_all
from policy.lint.linted import read_linted
from policy.lint.run import lint
from policy.settings import AuthoringSettings
from tests.cli.conftest import Cli
from tests.lint.linting import pool, pools
from tests.lint.report.corpus import BROKEN, WEB


def find(texts: Texts) -> list[Finding]:
    return lint(read_linted(texts, AuthoringSettings()))


def fix(*texts: bytes) -> Fixed:
    return fix_all([(f"{n}.yaml", text) for n, text in enumerate(texts)], find)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("web.yaml").write_text(WEB)
    Path("web.yaml").chmod(0o640)
    return tmp_path


def test_files_are_fixed_and_keep_their_mode_and_a_second_time_changes_nothing(
    cli: Cli, folder: Path
) -> None:
    done = cli("lint", "--fix", "web.yaml")
    assert (done.code, done.out) == (0, "nothing found (1 valid pool in 1 file)\n")
    assert done.err.splitlines()[0] == "fixed 1 finding in 1 file"
    after = Path("web.yaml").read_text()
    assert after == WEB[: WEB.index("  nodeAffinity")]
    assert Path("web.yaml").stat().st_mode & 0o777 == 0o640
    written = Path("web.yaml").stat().st_mtime_ns
    assert cli("lint", "--fix", "web.yaml").err.splitlines()[0] == "nothing to fix"
    assert Path("web.yaml").stat().st_mtime_ns == written


def test_a_dry_run_prints_a_diff_that_git_applies_and_writes_nothing(
    cli: Cli, folder: Path
) -> None:
    text = pools(WEB, WEB.replace("web", "b").replace("10.6.1", "10.6.2") + "  disable: false")
    Path("web.yaml").write_text(text)
    done = cli("lint", "--fix", "--dry-run", "web.yaml")
    assert done.code == 3
    assert Path("web.yaml").read_text() == text
    assert done.out.startswith("--- a/web.yaml\n+++ b/web.yaml\n@@ -6,8 +6,6 @@\n")
    assert done.err.splitlines()[0] == "would fix 2 findings in 1 file"
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "apply", "-"], input=done.out.encode(), check=True)
    patched = Path("web.yaml").read_bytes()
    Path("web.yaml").write_text(text)
    assert cli("lint", "--fix", "web.yaml").code == 0
    assert Path("web.yaml").read_bytes() == patched
    assert patched.endswith(b"  disable: false")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fix", "-"], "--fix writes into files, and standard input is none"),
        (["--dry-run", "web.yaml"], "--dry-run says what --fix would do: add --fix"),
        (
            ["--fix", "--dry-run", "--format", "json", "web.yaml"],
            "--dry-run prints a diff alone: leave --format out",
        ),
    ],
    ids=["stdin", "dry run alone", "dry run with a format"],
)
def test_what_makes_no_sense_is_an_error_of_usage(
    cli: Cli, folder: Path, arguments: list[str], message: str
) -> None:
    done = cli("lint", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == f"Error: {message}"


def test_a_file_with_a_syntax_error_stays_as_it_is_and_others_are_fixed() -> None:
    broken = pools(WEB, BROKEN).encode()
    other = WEB.replace("web", "b").replace("10.6.1", "10.6.2").encode()
    done = fix(broken, other)
    assert done.texts[0][1] == broken
    assert done.texts[1][1] == other[: other.index(b"  nodeAffinity")]
    assert sorted(one.rule for one in done.left) == ["manifest-syntax", "shadowed-affinity"]


def test_a_byte_order_mark_line_ends_and_escaped_signs_stay() -> None:
    text = ("\ufeff" + WEB.replace("\n", "\r\n")).encode()
    assert fix(text).texts[0][1] == text[: text.index(b"  nodeAffinity")]


def test_a_fix_that_an_alias_forbids_is_not_done_and_does_not_hold_up_others() -> None:
    shared = WEB.replace("nodeAffinity:\n", "nodeAffinity: &x\n") + (
        "  namespaceName: [a]\n  namespaceAffinity: *x\n"
    )
    done = fix(shared.encode(), WEB.replace("web", "b").replace("10.6.1", "10.6.2").encode())
    assert b"nodeAffinity: &x" in done.texts[0][1]
    assert b"nodeAffinity" not in done.texts[1][1]


COMMENTS = st.sampled_from(["", " # why", "\n  # its own line", "\n\n"])
FIELDS = {
    "names": "nodeName: [a]",
    "selector": "nodeAffinity:\n    matchLabels: {zone: a}",
    "empty": "namespaceAffinity: {}",
    "expression": "podAffinity:\n    matchExpressions:\n    - {key: app, operator: In, values: [web]}",
    "other": "disable: false",
}


@st.composite
def manifests(draw: st.DrawFn) -> bytes:
    texts = []
    for number in range(draw(st.integers(1, 3))):
        fields = draw(st.permutations(sorted(FIELDS)))[: draw(st.integers(0, 5))]
        lines = "".join(f"  {FIELDS[name]}{draw(COMMENTS)}\n" for name in fields)
        texts.append(pool(name=f"p{number}", block=number) + lines)
    text = pools(*texts)
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


@given(manifests())
def test_fixed_manifests_are_clean_keep_their_comments_and_are_fixed_for_good(text: bytes) -> None:
    done = fix(text)
    after = done.texts[0][1]
    assert [one.rule for one in done.left if one.fixes] == []
    assert fix(after).texts == fix(after).texts == [("0.yaml", after)]
    assert after.count(b"# its own line") == text.count(b"# its own line")
    before_documents, _ = read_documents(text, "f")
    after_documents, errors = read_documents(after, "f")
    assert errors == []
    fixed = {field for one in done.fixed for field in (one.field.split(".")[1].split("[")[0],)}
    for old, new in zip(before_documents, after_documents, strict=True):
        kept = [key for key in old.data["spec"] if key not in fixed]
        assert {key: old.data["spec"][key] for key in kept} == {
            key: new.data["spec"][key] for key in kept
        }
