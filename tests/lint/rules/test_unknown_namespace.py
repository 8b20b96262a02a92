from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, pools, the, underlined
from tests.lint.worlds import NODES, SMALL, world

MINIMAL = pool("namespaceName: [shop, shpo]")
NEAR_MISS = pool("namespaceName: [shop]")
WORLD = SMALL


def test_it_names_the_namespace_and_the_one_that_was_meant() -> None:
    finding = the("unknown-namespace", MINIMAL, WORLD)
    assert finding.message == (
        "the pool `web` is for the Namespace `shpo` by `namespaceName`, and there is no Namespace of that name"
    )
    assert finding.hint == "did you mean `shop`?"
    assert underlined(MINIMAL, finding) == "shpo"
    assert finding.field == "spec.namespaceName[1]"


@pytest.mark.parametrize("operator", ["In", "NotIn"])
def test_the_label_with_the_name_counts_where_it_asks(operator: str) -> None:
    text = pool(
        "namespaceAffinity: {matchExpressions: [{key: kubernetes.io/metadata.name, "
        f"operator: {operator}, values: [shpo]}}]}}"
    )
    unknown = ["unknown-namespace"] if operator == "In" else []
    assert [rule for rule in found(text, WORLD) if rule != "single-value-in"] == unknown


def test_a_namespace_that_is_linted_along_is_known() -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shpo}\n"
    assert found(pools(MINIMAL, namespace), WORLD) == []


def test_nothing_is_said_where_no_namespace_is_known() -> None:
    assert found(MINIMAL, world(NODES)) == []
