from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, pools, the, underlined
from tests.lint.worlds import NAMESPACES, NODES, SMALL, world

MINIMAL = pool("podAffinity: {matchLabels: {apps: web}}")
NEAR_MISS = pool("podAffinity: {matchLabels: {app: web}}")
WORLD = SMALL
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {apps: web}}
  template: {metadata: {labels: {apps: web}}}
"""


def test_it_names_the_key_and_the_one_that_was_meant() -> None:
    finding = the("unused-label-key", MINIMAL, WORLD)
    assert finding.message == (
        "the pool `web` asks by `podAffinity` for the label `apps`, which no known Pod has"
    )
    assert finding.hint == "did you mean `app`?"
    assert underlined(MINIMAL, finding) == "web"
    assert finding.field == "spec.podAffinity.matchLabels.apps"


@pytest.mark.parametrize("field", ["nodeAffinity", "namespaceAffinity", "podAffinity"])
@pytest.mark.parametrize("operator", ["Exists", "DoesNotExist"])
def test_what_asks_for_a_label_is_told_and_what_forbids_it_is_not(
    field: str, operator: str
) -> None:
    text = pool(f"{field}: {{matchExpressions: [{{key: none, operator: {operator}}}]}}")
    assert found(text, WORLD) == (["unused-label-key"] if operator == "Exists" else [])


def test_labels_of_one_kind_are_no_labels_of_another() -> None:
    assert found(pool("podAffinity: {matchLabels: {zone: a}}"), WORLD) == ["unused-label-key"]


def test_templates_of_workloads_count() -> None:
    assert "unused-label-key" not in found(pools(MINIMAL, DEPLOYMENT), WORLD)


def test_nothing_is_said_where_pods_are_not_known() -> None:
    assert found(MINIMAL, world(NODES, NAMESPACES)) == []
