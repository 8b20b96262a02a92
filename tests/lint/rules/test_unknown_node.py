from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, pools, the, underlined
from tests.lint.worlds import NAMESPACES, NODES, SMALL, world

MINIMAL = pool("nodeName: [worker1, wroker2]")
NEAR_MISS = pool("nodeName: [worker1, worker2]")
WORLD = SMALL


def test_it_names_the_node_and_those_that_were_meant() -> None:
    finding = the("unknown-node", MINIMAL, WORLD)
    assert finding.message == (
        "the pool `web` is for the Node `wroker2` by `nodeName`, and there is no Node of that name"
    )
    assert finding.hint == "did you mean `worker2`?"
    assert underlined(MINIMAL, finding) == "wroker2"
    assert (finding.object, finding.field) == ("SpiderIPPool/web", "spec.nodeName[1]")


def test_a_name_like_no_other_gets_those_that_are_known() -> None:
    finding = the("unknown-node", pool("nodeName: [master]"), WORLD)
    assert finding.hint == ("correct the name, or take it away: known are `worker1` and `worker2`")


@pytest.mark.parametrize(
    "spec",
    [
        "nodeAffinity: {matchLabels: {kubernetes.io/hostname: node9}}",
        "nodeAffinity: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node9]}]}",
    ],
)
def test_a_host_name_among_labels_is_a_name_too(spec: str) -> None:
    assert set(found(pool(spec), WORLD)) - {"single-value-in"} == {"unknown-node"}


def test_the_name_stands_where_it_is_written_in_a_selector() -> None:
    text = pool(
        "nodeAffinity:\n  matchExpressions:\n"
        "  - {key: kubernetes.io/hostname, operator: In, values: [worker1, node9]}"
    )
    assert underlined(text, the("unknown-node", text, WORLD)) == "node9"


def test_who_is_kept_out_need_not_exist() -> None:
    text = pool(
        "nodeAffinity:\n  matchExpressions:\n"
        "  - {key: kubernetes.io/hostname, operator: NotIn, values: [node9]}"
    )
    assert found(text, WORLD) == []


def test_a_node_that_is_linted_along_is_known() -> None:
    node = "apiVersion: v1\nkind: Node\nmetadata: {name: wroker2}\n"
    assert found(pools(MINIMAL, node), WORLD) == []


def test_nothing_is_said_where_no_node_is_known_by_the_source() -> None:
    assert found(MINIMAL, world(NAMESPACES)) == []
    assert found(pools(MINIMAL, NODES)) == []
