"""README and docs are run: every command with its output, every manifest, every JSON text.

`make docs` (POOLWEAVER_UPDATE_DOCS=1) writes the real output into the documents instead.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from policy.load import load
from policy.policy_tests.read import read_tests
from policy.settings import AuthoringSettings
from tests.docs.console import ROOT, Block, Session, blocks_of, commands_of

DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "examples" / "README.md",
]
# Its blocks have a test of their own, tests/docs/test_rule_language.py.
RULE_LANGUAGE = ROOT / "docs" / "rule-language.md"
LANGUAGES = {"console", "yaml", "json", "toml", "sh"}
UPDATE = os.environ.get("POOLWEAVER_UPDATE_DOCS") == "1"
TARGETS = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def all_blocks(language: str) -> list[tuple[str, Block]]:
    return [
        (name_of(path), block)
        for path in DOCUMENTS
        if path != RULE_LANGUAGE
        for block in blocks_of(path.read_text(encoding="utf-8"))
        if block.language == language
    ]


def place(value: str | Block) -> str:
    return value if isinstance(value, str) else f"line {value.line}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_prints_what_the_document_says(path: Path, tmp_path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    actual = Session(tmp_path).regenerate(written)
    if UPDATE and actual != written:
        path.write_text(actual, encoding="utf-8")
        return
    assert written.splitlines() == actual.splitlines(), "`make docs` writes the output anew"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_fenced_block_is_closed_and_of_a_language_that_is_checked(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = blocks_of(text)
    assert text.count("```") == 2 * len(blocks)
    if path != RULE_LANGUAGE:
        assert {block.language for block in blocks} <= LANGUAGES


@pytest.mark.parametrize(("document", "block"), all_blocks("yaml"), ids=place)
def test_every_manifest_and_every_policy_test_can_be_loaded(document: str, block: Block) -> None:
    if "kind: PolicyTest" in block.text:
        suites, errors = read_tests(block.text.encode(), document)
        assert suites
        assert errors == []
        return
    loaded = load([(document, block.text.encode())], AuthoringSettings())
    assert loaded.documents
    assert not loaded.skipped_counts()


@pytest.mark.parametrize(("document", "block"), all_blocks("json"), ids=place)
def test_every_json_text_can_be_read(document: str, block: Block) -> None:
    assert json.loads(block.text)


@pytest.mark.parametrize(("document", "block"), all_blocks("toml"), ids=place)
def test_every_toml_text_can_be_read(document: str, block: Block) -> None:
    assert tomllib.loads(block.text)


def test_the_shell_blocks_of_the_readme_are_targets_of_the_makefile() -> None:
    lines = [
        line
        for document, block in all_blocks("sh")
        if document == "README.md"
        for line in block.text.splitlines()
    ]
    assert [line.partition("#")[0].split() for line in lines] == [
        ["make", "demo"],
        ["make", "test"],
    ]
    assert {"demo", "test"} <= TARGETS


def test_every_make_target_that_the_documents_name_exists() -> None:
    for path in DOCUMENTS:
        named = set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", path.read_text(encoding="utf-8")))
        assert named <= TARGETS, name_of(path)


@pytest.mark.parametrize("path", [p for p in DOCUMENTS if p != RULE_LANGUAGE], ids=name_of)
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    for link in links:
        if "://" not in link:
            assert (path.parent / link).exists(), link


def test_a_changed_output_is_noticed_and_an_age_is_not(tmp_path: Path) -> None:
    document = "```console\n$ echo 'web   12s'\nweb   7s\n$ echo new; exit 3\nold\n```\n"
    assert Session(tmp_path).regenerate(document) == (
        "```console\n$ echo 'web   12s'\nweb   7s\n$ echo new; exit 3\nnew\n(exit 3)\n```\n"
    )


def test_a_command_goes_on_behind_a_backslash_and_reads_the_files_of_other_blocks(
    tmp_path: Path,
) -> None:
    head = "```json a.json\n[1]\n```\n\n```console\n$ cat \\\n    a.json\n"
    assert Session(tmp_path).regenerate(head + "```\n") == head + "[1]\n```\n"


def test_output_before_the_first_command_is_an_error() -> None:
    with pytest.raises(ValueError, match="`web` stands before the first command"):
        list(commands_of("web\n$ true\n"))
