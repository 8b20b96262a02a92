"""The pools, engines and answers of bench.decide."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.decide import groups
from bench.decide_engines import ENGINES, inputs
from bench.decide_pools import WORKLOADS, make_facts, make_pools
from bench.program import Options
from model.facts import Facts
from model.rules import Check
from policy.evaluate import CLUSTER_DEFAULT, decide_family, sorted_by_rank
from tests.policy.worlds import facts, pool

MODULES = {"cedarpy": "cedarpy", "common-expression-language": "cel", "regopy": "regopy"}


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_workload_is_the_same_whenever_it_is_made(workload: str) -> None:
    assert make_pools(workload, 30) == make_pools(workload, 30)
    assert make_facts(workload, 30) == make_facts(workload, 30)


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in MODULES.values():
        monkeypatch.setitem(sys.modules, module, None)


@pytest.mark.usefixtures("nothing_installed")
def test_an_engine_that_is_not_installed_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    group = next(groups(Options(quick=True, rounds=1, folder=tmp_path)))
    assert not {variant.name for variant in group.variants} & set(MODULES)
    assert [fact for fact in group.facts if fact[1] == "not installed"] == [
        (package, "not installed") for package in MODULES
    ]


LABEL = ("pod.label", "app")
CHECKS: list[Check] = [
    ("", *LABEL, "=", ("web",)),
    ("", *LABEL, "in", ("db", "web")),
    ("", *LABEL, "in", ("db", "cache")),
    ("", *LABEL, "not in", ("web",)),
    ("", *LABEL, "not in", ("db", "cache")),
    ("", *LABEL, "exists", ()),
    ("", *LABEL, "absent", ()),
    ("", "node.name", "", "in", ("node1", "node2")),
    ("", "node.name", "", "not in", ("node1",)),
]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("labels", [{"app": "web"}, {"app": "db"}, {}])
def test_an_engine_understands_every_operator_of_the_workloads(
    name: str, labels: dict[str, str]
) -> None:
    pytest.importorskip(MODULES[name], reason="`pip install 'poolweaver[bench]'` adds the engines")
    world: Facts = facts(labels=labels)
    rules = sorted_by_rank(
        [pool(f"p{n}", check) for n, check in enumerate(CHECKS)], CLUSTER_DEFAULT
    )
    ready, ask = ENGINES[name](rules)
    decided = decide_family(world, 4, CLUSTER_DEFAULT, rules)
    assert list(ask(ready(world))) == [one.pool for one in decided.candidates if one.rank]


def test_an_engine_is_given_all_that_is_known() -> None:
    given = inputs(facts())
    assert given["pod_label"] == {"app": "web"}
    assert (given["node_name"], given["ip_family"], given["pod_owner_kind"]) == ("node1", "4", "")
