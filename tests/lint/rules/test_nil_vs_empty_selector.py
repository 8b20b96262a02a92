from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, the, underlined

RULE = "nil-vs-empty-selector"
MINIMAL = pool("namespaceAffinity:")
NEAR_MISS = pool("namespaceAffinity: {matchLabels: {team: a}}\nnodeName: null")


def test_it_tells_null_from_empty() -> None:
    finding = the(RULE, MINIMAL)
    assert finding.message == (
        "`namespaceAffinity` of the pool `web` is null, which is the same as leaving it out; an empty one, `{}`, would "
        "select everything and raise the rank"
    )
    assert finding.hint == "leave it out, or write the labels that were meant"
    assert underlined(MINIMAL, finding) == "namespaceAffinity"


@pytest.mark.parametrize(
    "written", ["podAffinity: null", "nodeAffinity: ~", "namespaceAffinity: !!null ''"]
)
def test_every_way_to_write_null_counts(written: str) -> None:
    assert found(pool(written)) == [RULE]
