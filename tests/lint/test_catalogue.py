"""The catalogue is complete: every rule has its page, its test file, and manifests that show it.

A test file `rules/test_<id>.py` holds `MINIMAL`, which triggers the rule and nothing else,
`NEAR_MISS`, which does not trigger it, and for rules that need one a `WORLD`.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from policy.lint.finding import SEVERITIES
from policy.lint.refused import REFUSALS
from policy.lint.registry import all_rules
from policy.lint.rule import Rule
from policy.lint.world import World
from tests.docs.console import ROOT, blocks_of
from tests.lint.linting import findings, fixed, found

PAGES = ROOT / "docs" / "lint"
HEADINGS = ["Summary", "Avoid", "Prefer", "Why", "Exceptions", "Configuration"]
RULES = list(all_rules().values())
rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def cases(rule: Rule) -> ModuleType:
    return importlib.import_module(f"tests.lint.rules.test_{rule.id.replace('-', '_')}")


def world(rule: Rule) -> World | None:
    given: World | None = getattr(cases(rule), "WORLD", None)
    return given


def page(rule: Rule) -> str:
    return (PAGES / f"{rule.id}.md").read_text(encoding="utf-8")


def example(rule: Rule, heading: str) -> str:
    section = re.split(r"(?m)^## ", page(rule))[1 + HEADINGS.index(heading)]
    (block,) = blocks_of(section)
    return block.text


@rules
def test_its_minimal_manifest_triggers_the_rule_and_nothing_else(rule: Rule) -> None:
    assert set(found(cases(rule).MINIMAL, world(rule))) == {rule.id}


@rules
def test_its_near_miss_does_not_trigger_the_rule(rule: Rule) -> None:
    assert rule.id not in found(cases(rule).NEAR_MISS, world(rule))


@rules
def test_what_is_fixed_triggers_nothing_any_more(rule: Rule) -> None:
    fixes = [bool(finding.fixes) for finding in findings(cases(rule).MINIMAL, world(rule))]
    assert fixes == [rule.fixable] * len(fixes)
    if rule.fixable:
        assert found(fixed(cases(rule).MINIMAL), world(rule)) == []


@rules
def test_its_page_has_all_sections_and_says_how_grave_it_is(rule: Rule) -> None:
    text = page(rule)
    assert re.findall(r"(?m)^# (.*)$", text) == [rule.id]
    assert re.findall(r"(?m)^## (.*)$", text) == HEADINGS
    assert all(part.strip() for part in re.split(r"(?m)^## .*$", text))
    needs = " Needs to know the cluster." if rule.needs_world else ""
    fixable = " Fixable." if rule.fixable else ""
    assert f"\nSeverity: {rule.severity}.{fixable}{needs}\n" in text


@rules
def test_what_its_page_says_to_avoid_triggers_it_and_what_to_prefer_does_not(rule: Rule) -> None:
    assert rule.id in found(example(rule, "Avoid"), world(rule))
    assert rule.id not in found(example(rule, "Prefer"), world(rule))


@rules
def test_its_words_fit_the_house(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
    assert rule.severity in SEVERITIES
    assert rule.summary[0].islower()
    assert rule.summary[-1] != "."
    for finding in findings(cases(rule).MINIMAL, world(rule)):
        assert finding.severity == rule.severity
        assert "\n" not in finding.message + finding.hint
        assert finding.message[-1] != "."
        assert finding.hint


def test_no_page_and_no_test_file_is_left_of_a_rule_that_is_gone() -> None:
    ids = [rule.id for rule in RULES]
    assert sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "README") == ids
    files = sorted((Path(__file__).parent / "rules").glob("test_*.py"))
    assert sorted(p.stem.removeprefix("test_").replace("_", "-") for p in files) == ids


def test_no_rule_bears_the_name_of_an_error_of_apply() -> None:
    assert not REFUSALS & set(all_rules())


def test_the_list_of_rules_has_a_line_for_each() -> None:
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"(?m)^\| \[`([\w-]+)`\]\(([\w.-]+)\) \| (\w+) \| (yes|) ?\| (.*) \|$", text
    )
    assert listed == [
        (rule.id, f"{rule.id}.md", rule.severity, "yes" if rule.fixable else "", rule.summary)
        for rule in RULES
    ]
