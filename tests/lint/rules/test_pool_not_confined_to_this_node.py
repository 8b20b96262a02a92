from __future__ import annotations

import pytest

from policy.lint.world import World
from tests.lint.linting import found, pool, the, underlined
from tests.lint.worlds import NODES, world

MINIMAL = pool("nodeName: [worker1, worker2]")
NEAR_MISS = pool("nodeName: [worker1]")
WORLD = world(NODES, standalone=True)
ALONE = World(standalone=True)
RULE = "pool-not-confined-to-this-node"


def test_it_names_two_nodes_that_would_hand_out_the_same() -> None:
    finding = the(RULE, MINIMAL, WORLD)
    assert finding.message == (
        "`worker1` and `worker2`, each with a store of its own, would both hand out the addresses of "
        "the pool `web`"
    )
    assert (
        finding.hint == "split the addresses into a pool a Node, each with `nodeName` of one Node"
    )
    assert finding.field == "spec.nodeName"
    assert the(RULE, MINIMAL, ALONE).message == finding.message


def test_a_pool_for_all_nodes_is_told_at_its_name() -> None:
    finding = the(RULE, pool(), ALONE)
    assert finding.message == (
        "every Node would hand out the addresses of the pool `web`, each from a store of its own"
    )
    assert underlined(pool(), finding) == "web"


@pytest.mark.parametrize(
    ("spec", "known", "unknown"),
    [
        ("nodeAffinity: {matchLabels: {kubernetes.io/hostname: worker1}}", False, False),
        ("nodeAffinity: {matchLabels: {zone: a}}", False, False),
        ("nodeAffinity: {matchExpressions: [{key: zone, operator: Exists}]}", True, False),
        (
            "nodeAffinity: {matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}",
            False,
            False,
        ),
        ("nodeAffinity: {}", True, True),
        ("disable: true", False, False),
    ],
)
def test_labels_are_judged_where_the_nodes_are_known(spec: str, known: bool, unknown: bool) -> None:
    assert (RULE in found(pool(spec), WORLD)) is known
    assert (RULE in found(pool(spec), ALONE)) is unknown


def test_nothing_is_said_where_nodes_share_a_store() -> None:
    assert RULE not in found(MINIMAL, world(NODES))
    assert RULE not in found(MINIMAL)
