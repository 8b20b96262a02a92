"""The definition of the pre-commit hook, and the example for GitHub Actions."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Cli
from tests.docs.console import ROOT
from tests.lint.report.corpus import WEB


def test_the_hook_has_what_pre_commit_asks_for_and_its_entry_runs(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert (hook["id"], hook["language"]) == ("poolweaver-lint", "python")
    program, *arguments = shlex.split(hook["entry"])
    assert program == "poolweaver"
    monkeypatch.chdir(tmp_path)
    Path("manifests").mkdir()
    Path("manifests/web.yaml").write_text(WEB)
    assert cli(*arguments, "manifests/web.yaml").code == 3
    example = yaml.safe_load((ROOT / "docs/lint/pre-commit-config.yaml").read_text())
    (used,) = example["repos"][0]["hooks"]
    assert used["id"] == hook["id"]
    assert cli(*arguments, *used["args"]).code == 3


def test_the_workflow_lints_and_uploads_what_it_wrote(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = yaml.safe_load((ROOT / "docs/lint/github-actions.yaml").read_text())
    assert flow["permissions"]["security-events"] == "write"
    steps = flow["jobs"]["lint"]["steps"]
    (lint,) = [step for step in steps if step.get("name") == "Lint"]
    (upload,) = [step for step in steps if step.get("name") == "Upload"]
    assert upload["uses"].startswith("github/codeql-action/upload-sarif@")
    monkeypatch.chdir(tmp_path)
    Path("manifests").mkdir()
    Path("manifests/web.yaml").write_text(WEB)
    program, *arguments = shlex.split(lint["run"])
    done = cli(*arguments)
    assert (program, done.code) == ("poolweaver", 3)
    assert done.out.startswith("::warning file=manifests/web.yaml,line=9,")
    assert Path(upload["with"]["sarif_file"]).is_file()
