"""`unknown-network`: a `multusName` that no NetworkAttachmentDefinition bears."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding
from policy.lint.linted import Linted
from policy.lint.rule import Rule
from policy.lint.unknown_names import unknown_names
from policy.normal.domains import NETWORK


def _find(linted: Linted) -> Iterator[Finding]:
    known = linted.cluster.networks
    prefix = f"{linted.settings.install_namespace}/"
    kind = "NetworkAttachmentDefinition"
    for pool in linted.pools:
        yield from unknown_names(RULE, pool, NETWORK, kind, known, prefix)


RULE = Rule(
    "unknown-network",
    WARNING,
    "a pool is for a network that does not exist",
    _find,
    needs=("NetworkAttachmentDefinition",),
)
