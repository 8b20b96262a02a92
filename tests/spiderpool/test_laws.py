"""Decisions on random clusters: what a plain reading of the YAML says, no more and no less."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cmp_to_key
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from hypothesis import event, given, settings
from hypothesis import strategies as st

from cli.main import command
from ipam.request import Request
from model.decisions import DISABLED, FILTERED, Candidate, Decision, FamilyDecision
from model.leases import Attachment
from model.naming import natural_key
from tests.spiderpool import naive
from tests.spiderpool.random_worlds import Cluster, clusters
from tests.spiderpool.worlds import Manifest, World

DROPPED = (FILTERED, DISABLED)
NICS = ("eth0", "net1")
KINDS = ("SpiderIPPool", "Node", "Namespace", "Pod")


@contextmanager
def played(cluster: Cluster) -> Iterator[World]:
    """The cluster in a store."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.setting("cluster_network", cluster.cluster_network or None)
        world.apply(*cluster.manifests)
        try:
            yield world
        finally:
            world.close()


def decisions(world: World, cluster: Cluster) -> Iterator[tuple[Manifest, str, Decision]]:
    """(Pod, interface, decision) for every Pod and interface."""
    for one, nic in itertools.product(cluster.pods, NICS):
        metadata = one["metadata"]
        attachment = Attachment(one["spec"]["nodeName"], "net0", "c1", nic)
        request = Request(attachment, metadata["namespace"], metadata["name"])
        yield one, nic, world.explain(request)


def by_name(things: list[Manifest]) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in things}


def asked_pools(cluster: Cluster, pod: Manifest, family: int) -> list[str]:
    """The pools a Pod's annotation names, or else the default ones of the family."""
    text = (pod["metadata"]["annotations"] or {}).get("ipam.spidernet.io/ippool")
    if text is not None:
        listed = json.loads(text)
        return list(listed["ipv4"]) if family == 4 else []
    return [
        name
        for name, one in by_name(cluster.pools).items()
        if one["spec"].get("default") and (6 if ":" in one["spec"]["subnet"] else 4) == family
    ]


def asked_of_both_families(cluster: Cluster, pod: Manifest) -> list[tuple[int, str]]:
    return [(f, name) for f in (4, 6) for name in asked_pools(cluster, pod, f)]


def by_field(candidate: Candidate) -> dict[str, bool]:
    """Whether all checks of an affinity field hold, for each that has checks."""
    fields = {check.field for check in candidate.checks} - {"ipVersion"}
    return {f: all(c.ok for c in candidate.checks if c.field == f) for f in fields}


def says(value: Any) -> bool:
    """Whether a list of names or a selector asks for anything; an empty selector does not."""
    return any(value.values()) if isinstance(value, dict) else bool(value)


def naively_ordered(pools: Mapping[str, Manifest], names: list[str], listed: bool) -> list[str]:
    places = {name: place for place, name in enumerate(names)} if listed else None

    def compare(left: str, right: str) -> int:
        before = naive.comes_before(pools[left], pools[right], places)
        after = naive.comes_before(pools[right], pools[left], places)
        assert before != after, "the order is total"
        return -1 if before else 1

    return sorted(names, key=cmp_to_key(compare))


def families(decision: Decision) -> dict[int, FamilyDecision]:
    return {one.family: one for one in decision.families}


@settings(deadline=None, max_examples=200)
@given(clusters())
def test_a_pool_is_admitted_just_where_a_plain_reading_of_its_yaml_admits_it(
    cluster: Cluster,
) -> None:
    nodes, spaces = by_name(cluster.nodes), by_name(cluster.namespaces)
    pools = by_name(cluster.pools)
    with played(cluster) as world:
        for pod, nic, decision in decisions(world, cluster):
            network = naive.network_of(pod, nic, cluster.cluster_network)
            here = nodes[pod["spec"]["nodeName"]], spaces[pod["metadata"]["namespace"]]
            assert not decision.families or decision.network == (network or "")
            for family, name in asked_of_both_families(cluster, pod):
                spec = pools[name]["spec"]
                verdicts = naive.judged(spec, pod, *here, network)
                found = {c.pool: c for c in families(decision)[family].candidates}[name]
                assert by_field(found) == {f: ok for f, ok in verdicts.items() if says(spec[f])}
                assert (found.outcome not in DROPPED) == naive.admits(spec, family, verdicts)
                event(f"{found.outcome}, {len(verdicts)} fields")


@settings(deadline=None, max_examples=200)
@given(clusters())
def test_the_order_is_total_and_the_one_of_a_plain_comparison(cluster: Cluster) -> None:
    pools = by_name(cluster.pools)
    with played(cluster) as world:
        for pod, _, decision in decisions(world, cluster):
            listed = "ipam.spidernet.io/ippool" in pod["metadata"]["annotations"]
            for family, found in families(decision).items():
                ranked = [c.pool for c in found.candidates if c.rank]
                standing = [name for name in asked_pools(cluster, pod, family) if name in ranked]
                assert ranked == naively_ordered(pools, standing, listed)
                assert [c.rank for c in found.candidates if c.rank] == list(
                    range(1, len(ranked) + 1)
                )
                if not decision.error:
                    chosen = [c.pool for c in found.candidates if c.outcome == "chosen"]
                    assert chosen == ranked[:1]


@given(st.lists(st.text("ab019-.", min_size=1, max_size=5), unique=True))
def test_the_order_of_names_is_total_and_the_one_of_a_plain_comparison(names: list[str]) -> None:
    assert sorted(names, key=natural_key) == sorted(names, key=naive.natural)
    assert len({natural_key(name) for name in names}) == len(names)


@settings(deadline=None, max_examples=25)
@given(clusters())
def test_what_get_prints_makes_the_same_decisions_in_an_empty_store(cluster: Cluster) -> None:
    with played(cluster) as world, tempfile.TemporaryDirectory() as folder:
        before = [told(decision) for _, _, decision in decisions(world, cluster)]
        rules = rule_texts(world)
        for kind in KINDS:
            text = poolweaver(world.path, "get", kind, "-A", "-o", "yaml")
            poolweaver(Path(folder) / "copy.db", "apply", "-f", "-", stdin=text)
        other = World(Path(folder), "copy.db")
        other.setting("cluster_network", cluster.cluster_network or None)
        after = [told(decision) for _, _, decision in decisions(other, cluster)]
        copied = rule_texts(other)
        other.close()
    assert copied == rules
    assert after == before


def poolweaver(db: Path, *arguments: str, stdin: str = "") -> str:
    result = CliRunner().invoke(command, ["--db", str(db), *arguments], input=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def rule_texts(world: World) -> dict[str, str]:
    return {record.name: record.rule_text for record in world.store.pools.list()}


def told(decision: Decision) -> dict[str, Any]:
    """The explanation without the places of checks, which name another file."""
    value: Any = decision.to_json()
    for family in value["families"]:
        for candidate in family["candidates"]:
            for check in candidate["checks"]:
                del check["span"]
    return value  # type: ignore[no-any-return]
