from __future__ import annotations

import pytest

from tests.lint.linting import findings, pool, the, underlined

MINIMAL = pool("nodeName: [n1]\nnodeAffinity: {matchLabels: {zone: a}}")
NEAR_MISS = pool("nodeAffinity: {matchLabels: {zone: a}}\nnamespaceName: [shop]")


@pytest.mark.parametrize(
    ("selector", "names"), [("nodeAffinity", "nodeName"), ("namespaceAffinity", "namespaceName")]
)
def test_it_says_which_field_filters_and_which_does_not(selector: str, names: str) -> None:
    text = pool(f"{names}: [x]\n{selector}: {{matchLabels: {{zone: a}}}}")
    finding = the("shadowed-affinity", text)
    assert finding.message == (
        f"`{selector}` of the pool `web` does not filter, since `{names}` stands beside it; it only raises the rank"
    )
    assert (
        finding.hint == f"leave `{selector}` out, or leave `{names}` out to filter by the selector"
    )
    assert underlined(text, finding) == selector
    assert (finding.object, finding.field) == ("SpiderIPPool/web", f"spec.{selector}")


def test_an_empty_selector_is_shadowed_too_and_is_told_once() -> None:
    text = pool("nodeName: [n1]\nnodeAffinity: {}")
    assert [finding.rule for finding in findings(text)] == ["shadowed-affinity"]
