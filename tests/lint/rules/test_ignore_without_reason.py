"""`ignore-without-reason`: why somebody passes over a rule is worth a few words."""

from __future__ import annotations

from policy.lint.linted import read_linted
from policy.lint.run import run
from policy.settings import AuthoringSettings
from tests.lint.linting import found, pool, the, underlined

COMMENT = "  # poolweaver: ignore shadowed-affinity"
SHADOWED = "nodeName: [a]\n{}nodeAffinity:\n  matchLabels: {{zone: a}}"
MINIMAL = pool(SHADOWED.format("# poolweaver: ignore shadowed-affinity\n"))
NEAR_MISS = pool(SHADOWED.format("# poolweaver: ignore shadowed-affinity  it is for the rank\n"))


def test_a_comment_without_a_reason_ignores_all_the_same_and_is_told_of() -> None:
    finding = the("ignore-without-reason", MINIMAL)
    assert finding.message == "the comment that ignores `shadowed-affinity` gives no reason"
    assert finding.hint == "write behind the rule why it is not to be applied here, in a few words"
    assert underlined(MINIMAL, finding) == "# poolweaver: ignore shadowed-affinity"


def test_an_annotation_of_another_kind_than_a_pool_is_looked_at_as_well() -> None:
    text = (
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  annotations:\n"
        '    poolweaver.io/lint-ignore-uncovered-workload: ""\n'
    )
    finding = the("ignore-without-reason", text)
    assert finding.message == "the annotation that ignores `uncovered-workload` gives no reason"


def test_a_comment_counts_on_its_line_and_on_the_line_before_and_others_may_stand_between() -> None:
    reason = "# poolweaver: ignore shadowed-affinity because"
    on_line = pool(SHADOWED.format("")).replace("nodeAffinity:", f"nodeAffinity: {reason}")
    stacked = pool(SHADOWED.format(f"{reason}\n# poolweaver: ignore rank-tie so\n"))
    assert found(on_line) == []
    assert found(stacked) == ["unused-ignore"]
    outcome = run(read_linted([("f.yaml", on_line.encode())], AuthoringSettings()))
    assert [(one.finding.rule, one.how, one.reason) for one in outcome.ignored] == [
        ("shadowed-affinity", "comment", "because")
    ]


def test_a_comment_two_lines_before_does_not_count() -> None:
    text = pool(SHADOWED.format("# poolweaver: ignore shadowed-affinity because\n# x\n"))
    assert found(text) == ["unused-ignore", "shadowed-affinity"]
