"""`unused-ignore`: what nothing is found for any more goes, else it hides the next mistake."""

from __future__ import annotations

import pytest

from policy.lint.fixing.fix_all import fix_all
from policy.lint.linted import read_linted
from policy.lint.registry import all_rules
from policy.lint.run import lint
from policy.settings import AuthoringSettings
from tests.lint.linting import found, linted, pool, the, underlined

KEY = "poolweaver.io/lint-ignore-shadowed-affinity"
MINIMAL = pool("nodeName: [a]", annotations=f"{KEY}: for the rank")
NEAR_MISS = pool(
    "nodeName: [a]\nnodeAffinity:\n  matchLabels: {zone: a}", annotations=f"{KEY}: for the rank"
)


def test_an_annotation_that_ignores_nothing_is_told_of() -> None:
    finding = the("unused-ignore", MINIMAL)
    assert finding.message == (
        "the annotation ignores `shadowed-affinity`, which finds nothing here"
    )
    assert finding.hint == "take the annotation away"
    assert underlined(MINIMAL, finding) == KEY


@pytest.mark.parametrize(
    ("rule", "message", "hint"),
    [
        (
            "shadowed-afinity",
            "the comment ignores `shadowed-afinity`, and there is no such rule",
            "did you mean `shadowed-affinity`?",
        ),
        (
            "invalid-range",
            "the comment ignores `invalid-range`, which `apply` refuses all the same",
            "take the comment away",
        ),
        ("", "the comment ignores no rule, and there is no such rule", "take the comment away"),
    ],
    ids=["unknown", "error of apply", "none"],
)
def test_what_cannot_be_ignored_is_told_of(rule: str, message: str, hint: str) -> None:
    finding = the("unused-ignore", pool() + f"  # poolweaver: ignore {rule}\n")
    assert (finding.message, finding.hint) == (message, hint)


def test_rules_that_did_not_run_are_not_judged() -> None:
    text = pool("nodeName: [a]", annotations="poolweaver.io/lint-ignore-unknown-node: planned")
    assert found(text) == []
    only = [all_rules()["unused-ignore"]]
    assert lint(linted(MINIMAL), only) == []


def test_a_text_that_looks_like_a_comment_is_none() -> None:
    text = pool(annotations='note: "x # poolweaver: ignore rank-tie y"')
    block = pool(annotations="note: |\n  # poolweaver: ignore rank-tie y\n  z")
    assert found(text) == found(block) == []


def test_the_fix_takes_comments_away_and_leaves_what_stands_before_them() -> None:
    text = pool("# poolweaver: ignore rank-tie x\ndisable: false # poolweaver: ignore rank-tie y")
    fixed = fix_all(
        [("f.yaml", text.encode())], lambda texts: lint(read_linted(texts, AuthoringSettings()))
    )
    assert fixed.texts[0][1].decode() == pool("disable: false")
