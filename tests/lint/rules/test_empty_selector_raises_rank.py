from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, the, underlined

RULE = "empty-selector-raises-rank"
MINIMAL = pool("namespaceAffinity: {}")
NEAR_MISS = pool("namespaceAffinity: {matchExpressions: [{key: team, operator: Exists}]}")


def test_it_points_at_the_field_and_names_what_orders_pools_instead() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        "`namespaceAffinity` of the pool `web` selects every Namespace, and yet puts the pool before those without it"
    )
    assert finding.hint == (
        "leave `namespaceAffinity` out, and order pools by the annotation `poolweaver.io/priority`"
    )
    assert underlined(MINIMAL, finding) == "namespaceAffinity"


@pytest.mark.parametrize(
    "selector", ["{}", "{matchLabels: {}}", "{matchExpressions: []}", "{matchLabels: null}"]
)
def test_every_way_to_write_an_empty_selector_counts(selector: str) -> None:
    assert found(pool(f"nodeAffinity: {selector}")) == [RULE]


def test_the_label_that_every_namespace_bears_is_no_requirement() -> None:
    text = pool(
        "namespaceAffinity: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: Exists}]}"
    )
    assert RULE in found(text)


def test_an_absent_selector_is_none() -> None:
    assert RULE not in found(pool("nodeAffinity: null\nnamespaceAffinity:"))
