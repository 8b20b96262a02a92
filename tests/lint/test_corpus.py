"""Manifests without defects: nothing is found that is not so."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy.lint.finding import INFO, Finding
from policy.lint.linted import read_linted
from policy.lint.refused import REFUSALS
from policy.lint.run import lint
from policy.settings import AuthoringSettings
from tests.docs.console import ROOT
from tests.spiderpool import filter_pools, validate_pool
from tests.spiderpool.cases import Case, read_cases

SEED = sorted((ROOT / "examples" / "seed").iterdir())
# What is truly so of a recorded case, besides `no-addresses`, which says of an empty pool that it is.
# These cases are about names that disable the selector beside them.
TRUE = {case: {"shadowed-affinity"} for case in ("FI-006", "FI-007", "FI-013")}
POOLS = 10_000


def findings(*texts: tuple[str, bytes]) -> list[Finding]:
    return lint(read_linted(texts, AuthoringSettings()))


def grave(found: list[Finding]) -> list[str]:
    return [f"{one.rule}: {one.message}" for one in found if one.severity != INFO]


@pytest.mark.parametrize("folder", SEED, ids=lambda path: path.name)
def test_the_manifests_of_the_seed_are_clean(folder: Path) -> None:
    found = findings(*((path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml"))))
    assert grave(found) == []
    # A selector of the seed's names one node with `In`, which is said to have a shorter form.
    assert {one.rule for one in found} <= (
        {"single-value-in"} if folder.name == "node-affinity" else set()
    )


def manifests(case: Case) -> list[dict[str, Any]]:
    """The pools of a recorded case, as the tests of that case apply them."""
    given: Mapping[str, Any] = case.given
    if case.kind == "validate-pool" and given["op"] != "delete":
        new = given.get("new", given.get("pool", given.get("object")))
        kind = given.get("kind", "SpiderIPPool")
        return [validate_pool._object(kind, one) for one in (*given.get("existing", ()), new)]
    if case.kind == "filter":
        pools = given.get("pools") or [given["pool"]]
        return [filter_pools._pool(one, place) for place, one in enumerate(pools, 1)]
    return []


def valid_cases() -> Iterator[tuple[str, str]]:
    for case in read_cases():
        text = yaml.safe_dump_all(manifests(case))
        if text and not any(one.rule in REFUSALS for one in findings(("f.yaml", text.encode()))):
            yield case.id, text


@pytest.mark.parametrize(("name", "text"), list(valid_cases()))
def test_the_recorded_cases_that_are_valid_are_clean(name: str, text: str) -> None:
    found = findings(("f.yaml", text.encode()))
    assert {one.rule for one in found} - {"no-addresses"} == TRUE.get(name, set())
    empty = [one for one in yaml.safe_load_all(text) if not one["spec"].get("ips")]
    assert [one.rule for one in found].count("no-addresses") == len(empty)


def realistic(count: int, seed: int) -> str:
    """Pools as clusters have them: one a team and application, on some nodes or for a namespace, in
    both families or one, with reserves that say so; and one a family for everybody.
    """
    chance = random.Random(seed)
    texts = [_realistic(0, 4, "default: true", ""), _realistic(0, 6, "default: true", "")]
    number = 0
    while len(texts) < count:
        number += 1
        spec = "default: true\n" + chance.choice(SHAPES).format(n=number, node=number % 40)
        texts += [
            _realistic(number, family, spec, chance.choice(["", "exclude", "gateway"]))
            for family in chance.choice([(4,), (6,), (4, 6)])
        ]
        if chance.random() < 0.1:
            texts.append(_realistic(number, 4, spec, "", reserve=True))
    return "---\n".join(texts)


SHAPES = [
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}",
    "podAffinity:\n  matchLabels: {{app: app-{n}}}\n  matchExpressions:\n  - {{key: tier, operator: NotIn, values: [cache]}}",
    "podAffinity: {{matchExpressions: [{{key: app, operator: In, values: [app-{n}, app-{n}-canary]}}]}}",
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}\nnodeName: [node-{node}, node-{node}-b]",
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}\nnamespaceName: [team-{n}]",
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}\nnamespaceAffinity: {{matchLabels: {{team: team-{node}}}}}",
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}\nnodeAffinity: {{matchExpressions: [{{key: zone, operator: Exists}}]}}",
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}\nmultusName: [kube-system/macvlan-{node}]",
]


def _realistic(number: int, family: int, spec: str, more: str, reserve: bool = False) -> str:
    high, low = divmod(number, 250)
    if family == 4:
        net = f"10.{high}.{low}" if not reserve else f"11.{high}.{low}"
        subnet, lowest, gateway = f"{net}.0/24", f"{net}.", f"{net}.1"
    else:
        subnet, lowest, gateway = (
            f"fd00:{number + 1:x}::/64",
            f"fd00:{number + 1:x}::",
            f"fd00:{number + 1:x}::1",
        )
    last = "60" if family == 4 else "ff"
    extra = {
        "": "",
        "exclude": f"  excludeIPs: ['{lowest}20']\n",
        "gateway": f"  gateway: '{gateway}'\n",
    }[more]
    body = "".join(f"  {line}\n" for line in spec.splitlines())
    name = f"pool-{number}-v{family}" + ("-reserve" if reserve else "")
    note = "  annotations: {poolweaver.io/priority: '-1'}\n" if reserve else ""
    return (
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderIPPool\nmetadata:\n"
        f"  name: {name}\n{note}spec:\n  subnet: '{subnet}'\n  ips: ['{lowest}10-{lowest}{last}']\n{extra}{body}"
    )


def test_realistic_pools_without_defects_are_clean() -> None:
    text = realistic(POOLS, 7)
    found = findings(("f.yaml", text.encode()))
    assert grave(found) == []
    assert [(one.rule, one.object) for one in found] == [
        ("catch-all-pool", "SpiderIPPool/pool-0-v4"),
        ("catch-all-pool", "SpiderIPPool/pool-0-v6"),
    ]
