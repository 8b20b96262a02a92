"""Clusters without defects: the rules that know the cluster find nothing that is not so."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy.lint.finding import Finding
from policy.lint.linted import read_linted
from policy.lint.registry import all_rules
from policy.lint.run import lint
from policy.lint.world import STANDALONE, World, world_of
from policy.load import load_valid
from policy.settings import AuthoringSettings
from tests.lint.test_corpus import POOLS, SEED, realistic, valid_cases

RULES = [one for one in all_rules().values() if one.needs_world and STANDALONE not in one.needs]
SOME_POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "some", "namespace": "elsewhere", "labels": {"some": "pod"}},
    "status": {"phase": "Running"},
}
# What the seed shows on purpose: Pods that no pool admits, some on some Nodes alone.
SEED_SHOWS = {
    "all-fields": {"uncovered-workload"},
    "app-affinity": {"uncovered-workload"},
    "namespace-affinity": {"uncovered-workload"},
    "namespace-name": {"uncovered-workload"},
    "node-affinity": {"uncovered-workload"},
    "node-name": {"uncovered-workload"},
}


def findings(text: bytes, world: World) -> list[Finding]:
    return lint(read_linted([("f.yaml", text)], AuthoringSettings(), world), RULES)


def world(objects: list[dict[str, Any]]) -> World:
    data = yaml.dump_all(objects, Dumper=yaml.CSafeDumper).encode()
    loaded, _ = load_valid([("snapshot.yaml", data)], AuthoringSettings())
    return world_of(loaded)


def named(kind: str, name: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "labels": labels or {}}}


def network(name: str) -> dict[str, Any]:
    namespace, _, name = name.partition("/")
    metadata = {"name": name, "namespace": namespace}
    return {
        "apiVersion": "k8s.cni.cncf.io/v1",
        "kind": "NetworkAttachmentDefinition",
        "metadata": metadata,
    }


def matching(pools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A cluster with every name and every label that the pools ask for, and nothing else."""
    nodes: dict[str, dict[str, str]] = {}
    spaces: dict[str, dict[str, str]] = {"default": {}, "kube-system": {}}
    networks: set[str] = set()
    pods = [SOME_POD]
    for place, pool in enumerate(pools):
        spec = pool.get("spec") or {}
        node, space = labels_of(spec.get("nodeAffinity")), labels_of(spec.get("namespaceAffinity"))
        name = node.get("kubernetes.io/hostname", f"node-for-{place}")
        nodes[name] = {**nodes.get(name, {}), **node}
        nodes |= {one: nodes.get(one, {}) for one in spec.get("nodeName") or ()}
        name = space.pop("kubernetes.io/metadata.name", f"space-for-{place}")
        spaces[name] = {**spaces.get(name, {}), **space}
        spaces |= {one: spaces.get(one, {}) for one in spec.get("namespaceName") or ()}
        app = labels_of(spec.get("podAffinity"))
        spaces.setdefault(app.get("ipam.spidernet.io/app-namespace", "default"), {})
        networks |= {
            one if "/" in one else f"kube-system/{one}" for one in spec.get("multusName") or ()
        }
        metadata = {"name": f"pod-{place}", "namespace": "elsewhere"}
        metadata["labels"] = labels_of(spec.get("podAffinity"))  # type: ignore[assignment]
        pods.append({**SOME_POD, "metadata": metadata})
    return [
        *(named("Node", name, labels) for name, labels in nodes.items()),
        *(named("Namespace", name, labels) for name, labels in spaces.items()),
        *map(network, sorted(networks or {"kube-system/unused"})),
        *pods,
    ]


def labels_of(selector: dict[str, Any] | None) -> dict[str, str]:
    """Labels with each key that a selector asks for; they need not match all of it."""
    selector = selector or {}
    labels = dict(selector.get("matchLabels") or {})
    for one in selector.get("matchExpressions") or ():
        labels.setdefault(one["key"], (one.get("values") or ["any"])[0])
    return labels


@pytest.mark.parametrize(("name", "text"), list(valid_cases()))
def test_recorded_cases_in_a_cluster_that_has_their_names_are_clean(name: str, text: str) -> None:
    known = world(matching(list(yaml.safe_load_all(text))))
    found = {one.rule for one in findings(text.encode(), known)}
    assert found <= {"no-live-pod-matches"}  # which is so: no Pod was made for them


@pytest.mark.parametrize("folder", SEED, ids=lambda path: path.name)
def test_the_seed_in_its_own_cluster_shows_what_it_is_meant_to(folder: Path) -> None:
    text = "---\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml")))
    documents = [one for one in yaml.safe_load_all(text) if one]
    pools = [one for one in documents if one["kind"] == "SpiderIPPool"]
    own = {(one["kind"], one["metadata"]["name"]) for one in documents}
    around = [one for one in matching(pools) if (one["kind"], one["metadata"]["name"]) not in own]
    rest = [one for one in documents if one["kind"] != "SpiderIPPool"]
    found = findings(text.encode(), world([*around, *rest]))
    told = {one.rule for one in found} - {"no-live-pod-matches"}
    assert told == SEED_SHOWS.get(folder.name, set())


def cluster(pools: list[dict[str, Any]], seed: int) -> Iterator[dict[str, Any]]:
    """A cluster around realistic pools: for each application a Deployment that names its pools, of
    one or both families, on Nodes and networks where they serve; and Pods for all of them.
    """
    chance = random.Random(seed)
    apps: dict[str, list[dict[str, Any]]] = {}
    for pool in pools:
        app = pool["metadata"]["name"].split("-v")[0].removeprefix("pool-")
        apps.setdefault(app, []).append(pool)
    for number in range(40):
        zone = {"zone": f"zone-{number % 3}"}
        yield named("Node", f"node-{number}", zone)
        yield named("Node", f"node-{number}-b", zone)
        yield network(f"kube-system/macvlan-{number}")
    for app, own in apps.items():
        yield from application(app, own, chance)


def application(
    app: str, own: list[dict[str, Any]], chance: random.Random
) -> Iterator[dict[str, Any]]:
    spec = own[0]["spec"]
    team = labels_of(spec.get("namespaceAffinity"))
    space = (spec.get("namespaceName") or [f"space-{app}"])[0]
    yield named("Namespace", space, team)
    families = {4: "ipv4", 6: "ipv6"}
    pools: dict[str, list[str]] = {}
    for pool in own:
        family = families[6 if ":" in pool["spec"]["subnet"] else 4]
        pools.setdefault(family, []).append(pool["metadata"]["name"])
    annotations = {"ipam.spidernet.io/ippool": json.dumps(pools)}
    if len(pools) == 2 and chance.random() < 0.5:
        annotations = {}  # the best default pools are its own
    if spec.get("multusName"):
        annotations["v1.multus-cni.io/default-network"] = spec["multusName"][0]
    labels = {
        "app": (spec.get("podAffinity") or {}).get("matchLabels", {}).get("app", f"app-{app}")
    }
    pod = {"nodeName": spec["nodeName"][0]} if spec.get("nodeName") else {}
    replicas = chance.choice([1, 2, 10, 40])
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"app-{app}", "namespace": space},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels, "annotations": annotations},
                "spec": {"nodeSelector": {}, **pod},
            },
        },
    }
    yield {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"app-{app}-abc-1",
            "namespace": space,
            "labels": {**labels, "pod-template-hash": "abc"},
            "annotations": annotations,
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": f"app-{app}-abc",
                    "uid": "u",
                    "controller": True,
                }
            ],
        },
        "spec": {"nodeName": "node-1", **pod},
        "status": {"phase": "Running"},
    }


def test_realistic_pools_in_a_cluster_that_fits_them_are_clean() -> None:
    text = realistic(POOLS, 7).encode()
    pools = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    found = findings(text, world(list(cluster(pools, 7))))
    assert [f"{one.rule}: {one.message}" for one in found] == []


def test_one_defect_among_realistic_pools_is_found() -> None:
    text = realistic(200, 7).encode()
    objects = list(cluster(list(yaml.safe_load_all(text)), 7))
    del objects[0]  # the Node `node-0`
    networks = [one for one in objects if one["kind"] == "NetworkAttachmentDefinition"]
    objects = [one for one in objects if one not in networks[1:]]
    assert {one.rule for one in findings(text, world(objects))} >= {
        "unknown-node",
        "unknown-network",
    }
    for one in objects:
        if one["metadata"]["name"] == "app-3":
            one.setdefault("spec", {})["replicas"] = 4000
    assert "too-few-addresses" in {one.rule for one in findings(text, world(objects))}
