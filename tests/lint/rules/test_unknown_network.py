from __future__ import annotations

import pytest

from policy.lint.linted import read_linted
from policy.lint.registry import all_rules
from policy.lint.run import lint
from policy.settings import AuthoringSettings
from tests.lint.linting import found, pool, the, underlined
from tests.lint.worlds import NODES, SMALL, world

MINIMAL = pool("multusName: [kube-system/vlan1, vlan2]")
NEAR_MISS = pool("multusName: [vlan1, shop/vlan2]")
WORLD = SMALL


def test_a_name_without_namespace_is_looked_for_in_that_of_the_setting() -> None:
    finding = the("unknown-network", MINIMAL, WORLD)
    assert finding.message == (
        "the pool `web` is for the NetworkAttachmentDefinition `kube-system/vlan2` by `multusName`, "
        "and there is no NetworkAttachmentDefinition of that name"
    )
    assert finding.hint == "did you mean `kube-system/vlan1`?"
    assert underlined(MINIMAL, finding) == "vlan2"
    assert finding.field == "spec.multusName[1]"


@pytest.mark.parametrize(
    ("namespace", "rules"), [("shop", []), ("kube-system", ["unknown-network"])]
)
def test_the_setting_says_what_a_short_name_means(namespace: str, rules: list[str]) -> None:
    data = pool("multusName: [vlan2]").encode()
    read = read_linted([("f.yaml", data)], AuthoringSettings(namespace), WORLD)
    rule = all_rules()["unknown-network"]
    assert [finding.rule for finding in lint(read, [rule])] == rules


def test_nothing_is_said_where_no_network_is_known() -> None:
    assert found(MINIMAL, world(NODES)) == []
