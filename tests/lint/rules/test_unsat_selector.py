from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, the, underlined

RULE = "unsat-selector"
MINIMAL = pool(
    "namespaceName: [billing]",
    annotations='poolweaver.io/require: require namespace.name in {"shop"};',
)
NEAR_MISS = pool(
    "namespaceName: [billing, shop]",
    annotations='poolweaver.io/require: require namespace.name in {"shop"};',
)


def test_it_shows_the_fields_that_exclude_each_other() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        'no Pod can use the pool `web`: `namespace.name in {"billing"}` and `namespace.name in {"shop"}` exclude each other'
    )
    assert finding.hint == "`namespaceName` and `annotation` must agree: change one of them"
    assert underlined(MINIMAL, finding) == 'require namespace.name in {"shop"};'
    assert [related.message for related in finding.related] == ['namespace.name in {"billing"}']


@pytest.mark.parametrize(
    "rule",
    [
        'require pod.label["app"] = "no such value!";',
        'require namespace.name = "Shop";',
        'require nic.network = "no-slash";',
        'require absent pod.owner.kind; require pod.owner.name = "web";',
        'require pod.label["app"] in {"x"}; require absent pod.label["app"];',
    ],
)
def test_what_no_pod_has_is_found_wherever_it_is_asked_for(rule: str) -> None:
    text = pool(annotations=f"poolweaver.io/require: '{rule}'")
    assert set(found(text)) <= {RULE, "contradictory-requirement"}
    assert found(text)


@pytest.mark.parametrize(
    "rule",
    [
        'require pod.name matches "web-[*"; ',
        'require pod.owner.name matches "web-*"; require pod.owner.kind = "ReplicaSet";',
        'require pod.label["a"] matches "x*"; require pod.label["a"] matches "*y";',
        'require pod.name matches "!*";',
    ],
)
def test_a_pattern_that_may_match_something_is_not_reported(rule: str) -> None:
    assert RULE not in found(pool(annotations=f"poolweaver.io/require: '{rule}'"))


def test_a_name_and_the_label_that_every_namespace_bears_are_one_thing() -> None:
    text = pool(
        "namespaceAffinity: {matchLabels: {kubernetes.io/metadata.name: shop}}",
        annotations='poolweaver.io/require: require namespace.name = "billing";',
    )
    assert found(text) == [RULE]
