from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, pools, the, underlined
from tests.lint.worlds import NAMESPACES, NODES, PODS, SMALL, world

MINIMAL = pool("namespaceName: [kube-system]")
NEAR_MISS = pool("namespaceName: [shop]")
WORLD = SMALL
RULE = "no-live-pod-matches"


def test_it_says_how_many_pods_there_are() -> None:
    finding = the(RULE, MINIMAL, WORLD)
    assert finding.message == "the pool `web` admits none of the Pods that there are (1)"
    assert finding.hint == (
        "look whether its fields say what they are meant to; leave it where its Pods are still to come"
    )
    assert underlined(MINIMAL, finding) == "web"


@pytest.mark.parametrize(
    ("spec", "is_found"),
    [
        ("multusName: [vlan1]", False),
        ("nodeName: [worker1]", False),
        ("nodeName: [worker2]", True),
        ("nodeAffinity: {matchLabels: {zone: b}}", True),
        ("podAffinity: {matchLabels: {app: other}}", True),
        ("podAffinity: {matchExpressions: [{key: app, operator: DoesNotExist}]}", True),
        ("disable: true\nnamespaceName: [kube-system]", False),
    ],
)
def test_fields_are_held_to_the_pods(spec: str, is_found: bool) -> None:
    assert found(pool(spec), WORLD) == ([RULE] if is_found else [])


@pytest.mark.parametrize(
    "spec",
    [
        "nodeName: [n9]",
        "namespaceName: [n9]",
        "multusName: [n9]",
        "podAffinity: {matchLabels: {a: b}}",
    ],
)
def test_where_another_rule_says_why_this_one_says_nothing(spec: str) -> None:
    assert RULE not in found(pool(spec), WORLD)
    assert len(found(pool(spec), WORLD)) == 1


@pytest.mark.parametrize(
    "change",
    [
        ("phase: Running", "phase: Succeeded"),
        ("nodeName: worker1", "nodeName: worker1, hostNetwork: true"),
    ],
)
def test_pods_that_need_no_address_do_not_count(change: tuple[str, str]) -> None:
    ended = PODS.replace("spec: {", "spec: {restartPolicy: Never, ").replace(*change)
    other = PODS.replace("web-0", "other-0").replace("app: web", "app: other")
    only = pool("podAffinity: {matchLabels: {app: web}}")
    assert found(only, world(PODS, other)) == []
    assert found(only, world(ended, other)) == [RULE]
    assert found(only, world(ended)) == []  # nobody is there to be admitted


def test_what_is_not_known_of_a_pod_may_match() -> None:
    waiting = PODS.replace("spec: {nodeName: worker1}\n", "")
    assert found(pool("nodeName: [worker2]"), world(NODES, NAMESPACES, waiting)) == []
    assert found(pool("namespaceAffinity: {matchLabels: {a: b}}"), world(PODS)) == []


def test_many_pools_and_pods_are_told_apart() -> None:
    texts = [pool(f"podAffinity: {{matchLabels: {{app: a{n}}}}}", f"p{n}", n) for n in range(9)]
    pods = [
        PODS.replace("web-0", f"w{n}").replace("app: web", f"app: a{n}") for n in range(0, 9, 2)
    ]
    assert found(pools(*texts), world(*pods)) == [RULE] * 4
