"""`unknown-node`: a `nodeName`, or a host name among labels, that no Node bears."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.cluster import HOSTNAME
from policy.lint.finding import WARNING, Finding
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.lint.unknown_names import unknown_names


def _find(linted: Linted) -> Iterator[Finding]:
    known, hosts = linted.cluster.nodes, linted.cluster.hosts
    for pool in linted.pools:
        yield from unknown_names(RULE, pool, ("node.name", ""), "Node", known)
        yield from unknown_names(RULE, pool, HOSTNAME, "Node", hosts)


RULE = Rule(
    "unknown-node", WARNING, "a pool is for a Node that does not exist", _find, needs=("Node",)
)
